import { TslbError } from '../core/errors.ts';

/** Why a service does not serve a request; it is told in the form of the other errors of the route. */
export class WebRefusal extends TslbError {
  override readonly name = 'WebRefusal';
  readonly statusCode: number;

  constructor(statusCode: number, code: `TSLB_${string}`, message: string) {
    super(code, message, { side: 'client' });
    this.statusCode = statusCode;
  }
}
