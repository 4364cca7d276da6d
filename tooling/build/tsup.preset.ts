import { defineConfig } from 'tsup'

/** The one way packages are built: ESM, declarations, source maps. */
export const build = (entry: string[] = ['src/index.ts']) =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
  })
