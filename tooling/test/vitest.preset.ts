import { existsSync, globSync, readdirSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config'
import { has, suiteIn } from './suites.ts'

const root = join(import.meta.dirname, '../..')
const suite = suiteIn(process.env)
const folders = ['packages', 'apps']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => ({ name, path: join(root, group, name) })))
  .filter(({ path }) => existsSync(join(path, 'package.json')))

/** Tests read our own packages from their sources, so that no build stands between an edit and its test. */
const alias = folders.flatMap(({ name, path }) => [
  { find: new RegExp(`^@s3db-backup/${name}$`), replacement: join(path, 'src/index.ts') },
  ...['internal', 'messages'].map((door) => ({
    find: new RegExp(`^@s3db-backup/${name}/${door}$`),
    replacement: join(path, `src/${door}.ts`),
  })),
])

interface Files {
  readonly include: readonly string[]
  readonly exclude?: readonly string[]
}

/** The files that a project has in the suite that is run, from its own root. */
function filesOf(path: string, { include, exclude = [] }: Files): string[] {
  if (suite === undefined) return [...include]
  return globSync(include, { cwd: path, exclude: ['**/node_modules/**', ...exclude] }).filter((file) =>
    has(suite, relative(root, join(path, file)), process.env),
  )
}

function project(
  name: string,
  path: string,
  files: Files,
  test: object = {},
): TestProjectInlineConfiguration {
  const exclude = ['**/node_modules/**', '**/dist/**', ...(files.exclude ?? [])]
  return { extends: true, root: path, test: { name, include: filesOf(path, files), exclude, ...test } }
}

/** For tests that hang, in ms. How long a test takes says more about the machine than about the code. */
const forever = 600_000

/** The one way tests are run: one process tree, one project for each package and one for the tooling. */
export const tests: ViteUserConfig = {
  resolve: { alias },
  test: {
    projects: [
      ...folders.map(({ name, path }) => project(name, path, { include: ['{src,test}/**/*.test.ts'] })),
      project('tooling', root, { include: ['tooling/**/*.test.ts'], exclude: ['tooling/trust/**'] }),
      // `pnpm test:trust` also writes docs/trust.md. A long profile needs a long timeout.
      project(
        'trust',
        root,
        { include: ['tooling/trust/**/*.test.ts'] },
        { testTimeout: process.env.TRUST === 'long' ? 6 * forever : forever },
      ),
    ],
    // A process per file costs more than most files. Slow suites, and files given by name, run in a process of their
    // own.
    isolate: suite !== 'quick',
    // More workers than cores: files wait for a clock, a disk, a server or a program.
    maxWorkers: Math.ceil(availableParallelism() * (suite === 'long' ? 1 : 1.5)),
    reporters: ['default', join(import.meta.dirname, 'counts-reporter.ts')],
    testTimeout: forever,
    hookTimeout: forever,
    // Tests must not leave manifests in the cache of the user who runs them.
    env: { XDG_CACHE_HOME: join(tmpdir(), 's3db-backup-test-cache') },
    expect: { poll: { timeout: forever } },
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    coverage: { include: ['{packages,apps}/*/src/**/*.ts'] },
  },
}
