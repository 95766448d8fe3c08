/**
 * Makes the optional package koffi one that was not installed, also where it was, for `node --require`: in NODE_OPTIONS
 * that reaches each thread and each process that is started. CommonJS, because threads do without `--import`.
 */

/** What `require` calls: only replacing it keeps a package that is there from being found. */
interface Loader {
  _load(request: string, ...rest: readonly unknown[]): unknown;
}

const loader = process.getBuiltinModule('node:module') as unknown as Loader;
const load = loader._load.bind(loader);

loader._load = (request, ...rest) => {
  if (request !== 'koffi') return load(request, ...rest);
  throw Object.assign(new Error("Cannot find module 'koffi'"), { code: 'MODULE_NOT_FOUND' });
};
