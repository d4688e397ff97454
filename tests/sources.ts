// Reads the repository's sources with TypeScript's own parser: what each file imports and how long its functions are.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Import {
  /** A path from the root for a relative import, else the name as it is written. */
  readonly target: string;
  /** Only types are imported: nothing is left of it at run time. */
  readonly typeOnly: boolean;
  /** Loaded when it is called, not when the file is. */
  readonly lazy: boolean;
}

export interface FunctionLength {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionLength[];
}

/** Every source file under the folders, by its path from the root with forward slashes. */
export function readSources(folders: readonly string[]): Source[] {
  return folders.flatMap(filesUnder).map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(ts|cts|mts|js|cjs)$/.test(entry.name));
  return files.map((file) => join(file.parentPath, file.name).slice(root.length).split(sep).join("/"));
}

export function parseSource(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const functions: FunctionLength[] = [];
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, target: resolve(path, found.target) });
    if (isFunction(node)) functions.push(lengthOf(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, text, imports, functions };
}

function resolve(path: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(dirname(path), specifier) : specifier;
}

function importOf(node: ts.Node): Import | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    const clause = ts.isImportDeclaration(node) ? node.importClause : node;
    return { target: textOf(node.moduleSpecifier), typeOnly: isTypeOnly(clause), lazy: false };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { target: textOf(node.argument.literal), typeOnly: true, lazy: false };
  }
  if (!ts.isCallExpression(node)) return undefined;
  const [first] = node.arguments;
  const loads = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === "require";
  if (!loads || first === undefined || !ts.isStringLiteralLike(first)) return undefined;
  return { target: first.text, typeOnly: false, lazy: true };
}

/** `import type …`, or braces in which every name is marked `type`. */
function isTypeOnly(clause: ts.ImportClause | ts.ExportDeclaration | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = ts.isImportClause(clause) ? clause.namedBindings : clause.exportClause;
  if (named === undefined || !(ts.isNamedImports(named) || ts.isNamedExports(named))) return false;
  if (ts.isImportClause(clause) && clause.name !== undefined) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined && !isSuite(node);
}

/** The callback of a `describe` is a chapter, not a function; so is `describeStore`, which several files begin with. */
function isSuite(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) && node.name?.text.startsWith("describe")) return true;
  return ts.isCallExpression(node.parent) && /^describe(\.\w+)?$/.test(node.parent.expression.getText());
}

function lengthOf(node: ts.FunctionLikeDeclaration, file: ts.SourceFile): FunctionLength {
  const first = file.getLineAndCharacterOfPosition(node.getStart()).line;
  const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
  const name = node.name?.getText() ?? "a function";
  return { name, line: first + 1, lines: last - first + 1 };
}
