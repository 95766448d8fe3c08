import { posix } from 'node:path';

import ts from 'typescript';

/** One folder of src, as the table "Who may import whom" in docs/ARCHITECTURE.md has it. */
export interface Folder {
  readonly name: string;
  readonly layer: number;
  readonly mayImport: ReadonlySet<string>;
  readonly mayImportPackages: boolean;
  /** The files that other folders may import; undefined is all. */
  readonly doors: ReadonlySet<string> | undefined;
}

/** Source text by path relative to src, with slashes. */
export type Sources = ReadonlyMap<string, string>;

/**
 * Reads rows of `| 2 | `balance` | layers 0–1, `x` | `registry.ts` |`: the layer, its folders, what they may import
 * (layers and folders; "only `node:`" is nothing, not even packages), and the files that may be imported from outside
 * ("nobody": none). Layer 3 is made of 3, 3.1, 3.2 and so on.
 * @throws Error on a row that says something else
 */
export function parseImportTable(markdown: string): Folder[] {
  const rows = markdown
    .split('\n')
    .filter((line) => /^\|\s*\d+(\.\d+)?\s*\|/.test(line))
    .map((line) => {
      const [layer = '', folders = '', mayImport = '', doors = ''] = line.split('|').slice(1, -1);
      return { line, layer: Number(layer), folders: quotedIn(folders), mayImport, doors: doorsIn(doors) };
    });
  return rows.flatMap(({ line, layer, folders, mayImport, doors }) => {
    if (folders.length === 0) throw new Error(`a row without a folder: ${line}`);
    const allowed = new Set(quotedIn(mayImport).filter((name) => name !== 'node:'));
    for (const [, from, to] of mayImport.matchAll(/layers? (\d+)(?:–(\d+))?/g)) {
      for (const row of rows) {
        const whole = Math.floor(row.layer);
        if (whole >= Number(from) && whole <= Number(to ?? from)) row.folders.forEach((name) => allowed.add(name));
      }
    }
    const mayImportPackages = !mayImport.includes('only `node:`');
    if (allowed.size === 0 && mayImportPackages) throw new Error(`a row that may import nothing: ${line}`);
    return folders.map((name) => ({ name, layer, mayImport: allowed, mayImportPackages, doors }));
  });
}

function quotedIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

function doorsIn(cell: string): Set<string> | undefined {
  const doors = quotedIn(cell);
  return doors.length > 0 || cell.trim() === 'nobody' ? new Set(doors) : undefined;
}

/** What the sources do against the table, a line each; none when they keep to it. */
export function importProblems(table: readonly Folder[], sources: Sources): string[] {
  return [
    ...tableProblems(table),
    ...folderProblems(table, sources),
    ...[...sources].flatMap(([file, text]) => fileProblems(table, file, text)),
    ...cycleProblems(sources),
  ];
}

function tableProblems(table: readonly Folder[]): string[] {
  return table.flatMap(({ name, layer, mayImport }) =>
    [...mayImport].flatMap((other) => {
      const target = table.find((each) => each.name === other);
      if (!target) return [`the table lets ${name} import ${other}, which is not in it`];
      return target.layer < layer ? [] : [`the table lets ${name} import ${other}, which is not below it`];
    }),
  );
}

function folderProblems(table: readonly Folder[], sources: Sources): string[] {
  const files = [...sources.keys()];
  return table
    .filter(({ name }) => !files.some((file) => folderOf(table, file)?.name === name))
    .map(({ name }) => `${name} is in the table and not in src`);
}

function fileProblems(table: readonly Folder[], file: string, text: string): string[] {
  const from = folderOf(table, file);
  if (!from) return [`${file}: its folder is not in the table`];
  const problems = hasDefaultExport(file, text) ? [`${file}: exports by default`] : [];
  for (const specifier of importsOf(text)) {
    const target = resolved(file, specifier);
    if (target === undefined) {
      if (!from.mayImportPackages && !specifier.startsWith('node:'))
        problems.push(`${file}: imports package ${specifier}`);
      continue;
    }
    const to = folderOf(table, target);
    if (to === from) continue;
    if (!to || !from.mayImport.has(to.name)) {
      problems.push(`${file}: ${from.name} may not import ${to?.name ?? 'what is not in the table'} (${target})`);
    } else if (to.doors?.has(target.slice(to.name.length + 1)) === false) {
      problems.push(`${file}: imports ${target}, which is no door of ${to.name}`);
    }
  }
  return problems;
}

/** The innermost folder of the table that holds the file. */
function folderOf(table: readonly Folder[], file: string): Folder | undefined {
  return table
    .filter(({ name }) => file.startsWith(`${name}/`))
    .reduce<Folder | undefined>((best, each) => (best && best.name.length > each.name.length ? best : each), undefined);
}

/** Static and dynamic imports, of types too, and exports from elsewhere. */
function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function resolved(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;
}

function hasDefaultExport(file: string, text: string): boolean {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements.some((statement) => {
    if (ts.isExportAssignment(statement)) return true;
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
      return statement.exportClause.elements.some(({ name }) => name.text === 'default');
    }
    return (
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true
    );
  });
}

/** Without what is erased when compiled. `import { type A }` is not: the file itself is still loaded. */
function runtimeImportsOf(file: string, text: string): string[] {
  const erased = new Set(
    ts
      .createSourceFile(file, text, ts.ScriptTarget.Latest)
      .statements.flatMap((statement) =>
        (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
        (ts.isExportDeclaration(statement) && statement.isTypeOnly)
          ? [statement.moduleSpecifier]
          : [],
      )
      .map((specifier) => (specifier && ts.isStringLiteral(specifier) ? specifier.text : '')),
  );
  return importsOf(text).filter((specifier) => !erased.has(specifier));
}

/** Files that import each other in a ring, if only for types; each ring once. */
function cycleProblems(sources: Sources): string[] {
  const problems: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  function visit(file: string): void {
    const start = path.indexOf(file);
    if (start >= 0) problems.push(`a ring of imports: ${[...path.slice(start), file].join(' → ')}`);
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const specifier of importsOf(sources.get(file) ?? '')) {
      const target = resolved(file, specifier);
      if (target !== undefined && sources.has(target)) visit(target);
    }
    path.pop();
    done.add(file);
  }
  for (const file of sources.keys()) visit(file);
  return problems;
}

/** The packages that come with a file when it is loaded. */
export function packagesLoadedBy(file: string, sources: Sources): string[] {
  const packages = new Set<string>();
  const files = new Set([file]);
  for (const each of files) {
    for (const specifier of runtimeImportsOf(each, sources.get(each) ?? '')) {
      const target = resolved(each, specifier);
      if (target !== undefined) files.add(target);
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  }
  return [...packages].sort();
}
