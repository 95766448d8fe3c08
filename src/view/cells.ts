import { ageText, bytesText, countText, exactText, limitText, rateText } from './format.ts';
import type { RatesJson } from './wire.ts';

/** One figure of the table. */
export interface Cell {
  readonly text: string;
  /** The value to sort by. */
  readonly value: number;
  /** The exact figure, when the text is rounded. */
  readonly title?: string;
  /** The figure should be 0 and is not. */
  readonly isAlarming?: boolean;
}

/** How a figure of a server or a backend is shown. @returns undefined where there is none */
export type Figure<T> = (of: T, at: number) => Cell | undefined;

export const none = (): undefined => undefined;

export function count<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: countText(value), value, ...exactly(value) };
  };
}

export function errors<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: countText(value), value, isAlarming: value > 0, ...exactly(value) };
  };
}

export function limit<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: limitText(value), value: value === 0 ? Infinity : value };
  };
}

export function bytes<T>(figure: (of: T) => number): Figure<T> {
  return (of) => {
    const value = figure(of);
    return { text: bytesText(value), value, title: `${exactText(value)} bytes` };
  };
}

export function bytesPerSecond<T extends { readonly rates: RatesJson }>(direction: 'rx' | 'tx'): Figure<T> {
  return ({ rates }) => {
    const value = rates[direction];
    return { text: bytesText(value), value };
  };
}

export function connectionsPerSecond<T extends { readonly rates: RatesJson }>(): Figure<T> {
  return ({ rates: { connections, peak_connections: peak } }) => ({
    text: rateText(connections),
    value: connections,
    title: `at most ${rateText(peak)}/s`,
  });
}

export function since<T>(date: (of: T) => string): Figure<T> {
  return (of, at) => {
    const value = at - Date.parse(date(of));
    return { text: ageText(value), value, title: date(of) };
  };
}

function exactly(value: number): { readonly title?: string } {
  return value < 100_000_000 ? {} : { title: exactText(value) };
}
