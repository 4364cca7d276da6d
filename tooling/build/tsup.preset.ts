import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

/** Turbo and pnpm run each package's build in the package's own directory. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** The one way packages are built: ESM, declarations, source maps. */
export const build = (entry: string[] = ['src/index.ts']) =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node22',
    platform: 'node',
    // How a package knows its own version; manifests name the version that wrote them.
    define: { __PACKAGE_VERSION__: JSON.stringify(version) },
    dts: true,
    sourcemap: true,
    clean: true,
  })
