import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** An interface, with what its comments say. */
export interface Declared {
  readonly name: string
  readonly says: string
  /** The interfaces whose members it has as well. */
  readonly extended: readonly string[]
  /** The same as it is written, such as `Omit<Other, 'one'>`. */
  readonly extends: readonly string[]
  readonly members: readonly { readonly name: string; readonly type: string; readonly says: string }[]
}

export const parsed = (file: string) =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)

/** The sources below a folder, parsed, without tests. */
export const sourcesIn = (folder: string): ts.SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test)\.tsx?$/.test(name))
    .sort()
    .map((name) => parsed(join(folder, name)))

export const interfacesIn = (files: readonly ts.SourceFile[]): Declared[] =>
  files.flatMap((source) => source.statements.filter(ts.isInterfaceDeclaration).map(declared))

/** The text of the alias of this name, as it is written. */
export function aliasIn(files: readonly ts.SourceFile[], name: string): string | undefined {
  for (const source of files)
    for (const statement of source.statements)
      if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name)
        return statement.getText(source)
  return undefined
}

function declared(node: ts.InterfaceDeclaration): Declared {
  const bases = (node.heritageClauses ?? []).flatMap(({ types }) => [...types])
  return {
    name: node.name.text,
    says: commentOf(node),
    extended: bases.map(({ expression }) => expression.getText()),
    extends: bases.map((base) => oneLine(base.getText())),
    members: node.members.flatMap((member) =>
      (ts.isPropertySignature(member) || ts.isMethodSignature(member)) && member.name !== undefined
        ? [{ name: member.name.getText(), type: typeOf(member), says: commentOf(member) }]
        : [],
    ),
  }
}

function typeOf(member: ts.PropertySignature | ts.MethodSignature): string {
  const text = ts.isPropertySignature(member) ? (member.type?.getText() ?? 'unknown') : member.getText()
  return oneLine(text).replace(/ \| undefined$/, '')
}

function commentOf(node: ts.Node): string {
  const text = ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
  return oneLine(text.replaceAll(/\{@link (\w+)\}/g, '`$1`'))
}

/** A line for a cell of a table. Members that stood in lines of their own are separated. */
const oneLine = (text: string) =>
  text
    .replaceAll(/\/\*\*?[\s\S]*?\*\//g, '')
    .replaceAll(/([^\s{;,(|&])\s*\n\s*(?=readonly \w+\??:)/g, '$1; ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/< (.*?) >/g, '<$1>')
    .trim()
