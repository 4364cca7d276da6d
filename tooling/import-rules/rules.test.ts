import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { afterAll, beforeAll, expect, test } from 'vitest'
import rules, { coreFloors, mayImport } from './rules.mjs'

// A small project with one violating file per rule, checked at once.
const names = Object.keys(mayImport)
const folder = (name: string) => `${['plugin', 'cli', 'ui'].includes(name) ? 'apps' : 'packages'}/${name}`
const ours = (name: string) => `import '@s3db-backup/${name}'\n`

const violations: Record<string, { file: string; text: string }> = {
  'core-imports': { file: 'packages/core/src/bad.ts', text: ours('retention') },
  'driver-filesystem-imports': { file: 'packages/driver-filesystem/src/bad.ts', text: ours('driver-s3') },
  'driver-s3-imports': { file: 'packages/driver-s3/src/bad.ts', text: ours('driver-filesystem') },
  'driver-multi-imports': { file: 'packages/driver-multi/src/bad.ts', text: ours('driver-s3') },
  'driver-testkit-imports': { file: 'packages/driver-testkit/src/bad.ts', text: ours('driver-filesystem') },
  'create-driver-imports': { file: 'packages/create-driver/src/bad.ts', text: ours('core') },
  'format-conformance-imports': { file: 'packages/format-conformance/src/bad.ts', text: ours('core') },
  'retention-imports': { file: 'packages/retention/src/bad.ts', text: ours('encryption') },
  'encryption-imports': { file: 'packages/encryption/src/bad.ts', text: ours('retention') },
  's3db-imports': { file: 'packages/s3db/src/bad.ts', text: ours('plugin-adapter') },
  'query-imports': { file: 'packages/query/src/bad.ts', text: ours('s3db') },
  'shards-bullmq-imports': { file: 'packages/shards-bullmq/src/bad.ts', text: ours('s3db') },
  'bullmq-in-its-package': { file: 'packages/shards/src/queue.ts', text: "import 'bullmq'\n" },
  'shards-imports': { file: 'packages/shards/src/bad.ts', text: ours('s3db') },
  'plugin-adapter-imports': {
    file: 'packages/plugin-adapter/src/bad.ts',
    text: "import type { X } from '@s3db-backup/plugin'\nexport type Y = X\n",
  },
  'ui-imports': { file: 'apps/ui/src/bad.ts', text: ours('cli') },
  'plugin-imports': { file: 'apps/plugin/src/bad.ts', text: ours('cli') },
  'core-only-zod': { file: 'packages/core/src/npm.ts', text: "import 'left-pad'\n" },
  'core-no-outside-world': { file: 'packages/core/src/net.ts', text: "import 'node:net'\n" },
  'files-in-their-place': { file: 'packages/retention/src/fs.ts', text: "import 'node:fs/promises'\n" },
  'aws-sdk-in-driver-s3': { file: 'apps/cli/src/aws.ts', text: "import '@aws-sdk/client-s3'\n" },
  'duckdb-in-query': { file: 'packages/query/src/duckdb.ts', text: "import '@duckdb/node-api'\n" },
  'the-page-in-ui': { file: 'apps/cli/src/page.ts', text: "import 'hono'\n" },
  's3db-in-its-place': {
    file: 'packages/encryption/src/s3db.ts',
    text: "import type { X } from 's3db.js'\nexport type Y = X\n",
  },
  's3db-types-only': {
    file: 'packages/plugin-adapter/src/s3db.ts',
    text: "import { X } from 's3db.js'\nexport const y = X\n",
  },
  'enter-by-name': { file: 'apps/cli/src/path.ts', text: "import '../../../packages/core/src/index.js'\n" },
  'core-floors': { file: 'packages/core/src/ports/up.ts', text: "import '../format/lines.js'\n" },
  'no-cycles': {
    file: 'packages/core/src/a.ts',
    text: "import type { B } from './b.js'\nexport interface A { b?: B }\n",
  },
  resolvable: { file: 'apps/cli/src/nowhere.ts', text: "import './nowhere-at-all.js'\n" },
}

const allowed: Record<string, string> = {
  'packages/core/src/format/lines.ts': "import '../ports/driver.js'\n",
  'packages/core/src/ports/driver.ts': 'export {}\n',
  'packages/core/src/zod.ts': "import 'zod'\nimport 'node:zlib'\n",
  'packages/core/src/near.test.ts': "import 'node:fs'\nimport 'left-pad'\n",
  'packages/core/test/any.test.ts':
    "import 'node:fs'\nimport '@aws-sdk/client-s3'\nimport '@s3db-backup/retention'\n",
  'packages/driver-filesystem/src/fs.ts': `import 'node:fs'\n${ours('core')}`,
  'packages/query/src/staging/fs.ts': "import 'node:fs'\n",
  'packages/shards-bullmq/src/queue.ts': "import 'bullmq'\nimport 'ioredis'\n",
  'packages/query/src/process/duckdb.ts': "import '@duckdb/node-api'\n",
  'packages/driver-s3/src/aws.ts': "import '@aws-sdk/client-s3'\n",
  'packages/s3db/src/types.ts':
    "import 'node:fs/promises'\nimport type { X } from 's3db.js'\nexport type Y = X\n",
  'packages/plugin-adapter/src/types.ts': "import type { X } from 's3db.js'\nexport type Y = X\n",
  'packages/plugin-adapter/src/inside.ts': ours('s3db/internal'),
  'apps/plugin/src/all.ts': ours('plugin-adapter') + ours('driver-s3') + ours('encryption'),
  'apps/ui/src/server/all.ts': `import 'node:fs'\nimport 'hono'\n${ours('plugin')}`,
  'apps/cli/src/all.ts': `import 'node:fs'\nimport 's3db.js'\n${ours('plugin')}${ours('driver-testkit')}`,
}

let house: string
let found: { rule: string; from: string }[]

beforeAll(async () => {
  house = realpathSync(mkdtempSync(join(tmpdir(), 'import-rules-')))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), text)
  }
  write('package.json', '{ "type": "module" }')
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        paths: {
          '@s3db-backup/s3db/internal': ['./packages/s3db/src/internal.ts'],
          '@s3db-backup/*': ['./packages/*/src/index.ts', './apps/*/src/index.ts'],
        },
      },
    }),
  )
  for (const name of [
    'zod',
    'left-pad',
    's3db.js',
    '@aws-sdk/client-s3',
    '@duckdb/node-api',
    'bullmq',
    'ioredis',
    'hono',
  ]) {
    write(`node_modules/${name}/package.json`, '{ "main": "dist/index.js" }')
    write(`node_modules/${name}/dist/index.js`, 'export const X = 1\n')
  }
  for (const name of names) {
    write(`${folder(name)}/package.json`, '{ "type": "module" }')
    for (const door of ['index', 'internal'])
      write(`${folder(name)}/src/${door}.ts`, 'export interface X {}\n')
  }
  for (const [file, text] of Object.entries(allowed)) write(file, text)
  for (const { file, text } of Object.values(violations)) write(file, text)
  write('packages/core/src/b.ts', "import type { A } from './a.js'\nexport interface B { a?: A }\n")

  const { options, ...ruleSet } = rules
  const tsConfig = join(house, 'tsconfig.json')
  const result = await cruise(
    ['packages', 'apps'],
    { ...options, ruleSet, validate: true, baseDir: house, tsConfig: { fileName: tsConfig } },
    undefined,
    { tsConfig: extractTSConfig(tsConfig) },
  )
  found = (result.output as ICruiseResult).summary.violations.map(({ rule, from }) => ({
    rule: rule.name,
    from,
  }))
})
afterAll(() => rmSync(house, { recursive: true, force: true }))

test.each(Object.entries(violations))('%s fires', (rule, { file }) => {
  expect(found.filter(({ from }) => from === file).map((violation) => violation.rule)).toEqual([rule])
})

test.each(Object.keys(allowed))('%s is allowed', (file) => {
  expect(found.filter(({ from }) => from === file)).toEqual([])
})

test('every rule has a reason and is proven here', () => {
  const canFire = rules.forbidden?.filter(({ name }) => name !== 'cli-imports') ?? [] // may import everything
  expect([...new Set(canFire.map(({ name }) => name))].sort()).toEqual(Object.keys(violations).sort())
  expect(canFire.filter(({ comment }) => !comment)).toEqual([])
})

test('every package says what it may import', () => {
  const packages = [...readdirSync('packages'), ...readdirSync('apps')]
  expect(packages.sort()).toEqual([...names].sort())
})

test('the table of rooms in ARCHITECTURE.md has every room of core, on its floor', () => {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| (`[a-z`, ]+`) +\|/gm)
  const listed = [...rows].map(([, rooms = '']) => rooms.replaceAll('`', '').split(', '))
  expect(listed).toEqual(coreFloors)
  const folders = readdirSync('packages/core/src', { withFileTypes: true }).filter((one) => one.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual(coreFloors.flat().sort())
})
