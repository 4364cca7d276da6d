import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { configDefaults, type TestProjectInlineConfiguration, type ViteUserConfig } from 'vitest/config'

const root = join(import.meta.dirname, '../..')
const folders = ['packages', 'apps']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => ({ name, path: join(root, group, name) })))
  .filter(({ path }) => existsSync(join(path, 'package.json')))

/** Tests read our own packages from their sources, so that no build stands between an edit and its test. */
const alias = folders.flatMap(({ name, path }) => [
  { find: new RegExp(`^@s3db-backup/${name}$`), replacement: join(path, 'src/index.ts') },
  { find: new RegExp(`^@s3db-backup/${name}/internal$`), replacement: join(path, 'src/internal.ts') },
])

const project = (name: string, path: string, test: object = {}): TestProjectInlineConfiguration => ({
  extends: true,
  root: path,
  test: { name, include: ['{src,test}/**/*.test.ts'], ...test },
})

/** The one way tests are run: one process tree, one project for each package and one for the tooling. */
export const tests: ViteUserConfig = {
  resolve: { alias },
  test: {
    projects: [
      ...folders.map(({ name, path }) => project(name, path)),
      project('tooling', root, {
        include: ['tooling/**/*.test.ts'],
        exclude: [...configDefaults.exclude, 'tooling/trust/**'],
        testTimeout: 120_000,
      }),
      // Alone: pnpm test:trust, which also writes docs/trust.md. A long profile takes its time.
      project('trust', root, {
        include: ['tooling/trust/**/*.test.ts'],
        testTimeout: process.env.TRUST === 'long' ? 3_600_000 : 300_000,
      }),
    ],
    reporters: ['default', join(import.meta.dirname, 'counts-reporter.ts')],
    // For tests that hang. How fast a test is says more about the machine than about the code, so slow ones pass.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    coverage: { include: ['{packages,apps}/*/src/**/*.ts'] },
  },
}
