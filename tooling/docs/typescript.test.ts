import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { blocksOf, documents, readDocument } from './blocks.ts'

// `ts` blocks are compiled with the strict settings of the packages, against their sources.
const root = join(import.meta.dirname, '../..')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(root, 'node_modules/.docs-'))
  symlinkSync(realpathSync(join(root, 'apps/cli/node_modules')), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function problemsOf(texts: readonly { readonly name: string; readonly text: string }[]): string[] {
  const files = texts.map(({ name, text }) => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}.ts`)
    writeFileSync(file, text)
    return file
  })
  const path = join(root, 'tsconfig.json')
  const { config } = ts.readConfigFile(path, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root)
  const program = ts.createProgram(files, { ...options, rootDir: root, noEmit: true })
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file?.fileName.startsWith(folder))
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

it('every ts block compiles, and a wrong one does not', () => {
  const blocks = documents()
    .flatMap((document) => blocksOf(document, readDocument(document)))
    .filter(({ language }) => language === 'ts')
    .map(({ document, line, text }) => ({ name: `${document} ${line}`, text: `${text}\nexport {}\n` }))
  const wrong = { name: 'wrong', text: "import { backup } from '@s3db-backup/core'\nawait backup({})\n" }
  const problems = problemsOf([...blocks, wrong])
  expect(blocks.length).toBeGreaterThan(0)
  expect(problems.filter((problem) => !problem.includes('wrong.ts'))).toEqual([])
  expect(problems.filter((problem) => problem.includes('wrong.ts'))).not.toEqual([])
})
