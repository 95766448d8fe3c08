import ts from 'typescript';

const LEVELS = new Set(['debug', 'info', 'warn', 'error', 'fatal', 'trace']);

/** `log.warn`, `this.#serverLog.info`, `this.#log(name).error`, `main.info`, `log.throttled`; `log[isFirst ? …]`; `onLog`. */
const LOGS = /(?:(?:[lL]og(?:\(\w+\))?|\bmain)(?:\.(?:info|warn|error|throttled)|\[.*\])|onLog)$/s;

/** The messages of level info and above that a source says to the log; without those that are made of something. */
export function logMessages(source: string): readonly string[] {
  const file = ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest);
  const found: string[] = [];
  function visit(node: ts.Node): void {
    if (ts.isCallExpression(node) && LOGS.test(node.expression.getText(file))) {
      const texts = node.arguments.filter(ts.isStringLiteral).map(({ text }) => text);
      found.push(...texts.filter((text) => !LEVELS.has(text)));
    }
    ts.forEachChild(node, visit);
  }
  visit(file);
  return found;
}
