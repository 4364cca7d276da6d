// Lets a child process of a test run the sources directly: `node --import ./from-source.mjs child.mjs`.
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../../../', import.meta.url)

registerHooks({
  resolve(specifier, context, next) {
    const [, name, door = 'index'] = /^@s3db-backup\/([\w-]+)(?:\/(internal))?$/.exec(specifier) ?? []
    const folder = name === 'plugin' ? 'apps' : 'packages'
    if (name !== undefined) return next(new URL(`${folder}/${name}/src/${door}.ts`, root).href, context)
    if (specifier.startsWith('.') && specifier.endsWith('.js')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL)
      if (existsSync(fileURLToPath(source))) return next(source.href, context)
    }
    return next(specifier, context)
  },
})
