import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { defineConfig, type Options } from 'tsup'
import { cssWithout, type Trimmed } from './css-without.ts'

/** Turbo and pnpm run each package's build in the package's own directory. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** What a package shares with our other packages alone, if it does: its subpaths `internal` and `messages`. */
const internal = ['src/internal.ts', 'src/messages.ts'].filter((file) => existsSync(file))

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** Declarations cost most of a build; what only has to run does without: see javascript.ts. */
const withDeclarations = process.env.DECLARATIONS !== 'no'

/**
 * Empties dist at the start, but for the declarations that come anew: two builds side by side write them, and tsup's own
 * `clean` of one removes what the other has written already.
 */
const emptying = (declarations: readonly string[]): Plugin => ({
  name: 'emptying',
  setup(esbuild) {
    esbuild.onStart(() => {
      for (const file of existsSync('dist') ? readdirSync('dist') : [])
        if (!declarations.includes(file)) rmSync(join('dist', file), { recursive: true })
    })
  },
})

interface BuildOptions {
  readonly dts?: boolean
  /** What runs in browsers: it becomes dist/client, a script and a style sheet that need nothing else. */
  readonly browser?: string | undefined
  /** Of what style sheet only a part is used there. */
  readonly trimmed?: Trimmed | undefined
}

/** After the package itself, whose build has emptied dist. */
const forBrowsers = (entry: string, trimmed: Trimmed | undefined): Plugin => ({
  name: 'for-browsers',
  setup({ onEnd, esbuild, initialOptions: { absWorkingDir } }) {
    onEnd(async () => {
      await esbuild.build({
        ...(absWorkingDir === undefined ? {} : { absWorkingDir }),
        entryPoints: { client: entry },
        outdir: 'dist/client',
        bundle: true,
        minify: true,
        format: 'esm',
        target: 'es2022',
        platform: 'browser',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        legalComments: 'eof',
        logLevel: 'error',
        plugins: trimmed === undefined ? [] : [cssWithout(trimmed)],
      })
    })
  },
})

/**
 * The one way packages are built: ESM, declarations (where there is something to import), source maps. All doors of a
 * package lead to the same code; each has declarations that are whole by themselves, so that what is internal does not
 * show in the public ones.
 */
export const build = (
  entry: string[] = ['src/index.ts'],
  { dts = true, browser, trimmed }: BuildOptions = {},
) =>
  defineConfig([
    {
      entry: [...entry, ...internal],
      format: 'esm',
      target: 'node22',
      platform: 'node',
      // This gives a package its own version; manifests name the version that wrote them.
      define: { __PACKAGE_VERSION__: JSON.stringify(version) },
      // Declarations marked `@internal` are for our own packages, which are compiled from the sources.
      dts: withDeclarations && dts && { entry, compilerOptions: { stripInternal: true } },
      sourcemap: true,
      esbuildPlugins: [
        emptying(dts ? [...entry, ...internal].map((file) => basename(file).replace(/ts$/, 'd.ts')) : []),
        ...(browser === undefined ? [] : [forBrowsers(browser, trimmed)]),
      ],
    },
    ...(withDeclarations ? internal : []).map((file) => ({
      entry: [file],
      format: 'esm' as const,
      dts: { only: true },
    })),
  ])
