import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const template = join(import.meta.dirname, '../template')
const prefix = 's3db-backup-driver-'
const taken = ['filesystem', 's3', 'multi']

/**
 * The spellings of a driver's name. Takes `ftp`, `s3db-backup-driver-ftp` and both with a scope.
 * @param {string} given
 */
export function spellings(given) {
  const [, scope = '', name = ''] = /^(@[a-z0-9][a-z0-9._-]*\/)?(.*)$/.exec(given) ?? []
  const short = name.startsWith(prefix) ? name.slice(prefix.length) : name
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(short)) {
    throw new Error(
      `"${given}" is not a driver name. Use lower-case letters, digits and single hyphens, such as web-dav`,
    )
  }
  if (taken.includes(short)) throw new Error(`There is a driver ${short} already. Choose another name.`)
  const pascal = short.replaceAll(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase())
  return {
    short,
    package: `${scope}${prefix}${short}`,
    folder: `${prefix}${short}`,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
  }
}

/**
 * Copies the template to a directory that is empty or not there, under the driver's own name.
 * @param {ReturnType<typeof spellings>} names
 * @param {string} directory
 * @param {Record<string, string>} versions the ranges of our packages
 */
export function scaffold(names, directory, versions = {}) {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new Error(`${directory} is not empty. Choose another directory with --into.`)
  }
  const mine = (source) => !/[/\\](dist|node_modules)$/.test(source.slice(template.length))
  cpSync(template, directory, { recursive: true, filter: mine })
  // npm, git and publint treat these names specially in any directory, so the template has other names.
  renameSync(join(directory, 'gitignore'), join(directory, '.gitignore'))
  renameSync(join(directory, '_package.json'), join(directory, 'package.json'))
  for (const entry of readdirSync(directory, { recursive: true })) {
    const file = join(directory, entry)
    if (!statSync(file).isFile()) continue
    writeFileSync(file, named(readFileSync(file, 'utf8'), names))
    if (/[/\\]example\.test\.js$/.test(file)) renameSync(file, file.replace('example', names.short))
  }
  const manifest = join(directory, 'package.json')
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(
    manifest,
    text.replaceAll(/"(@s3db-backup\/[^"]+)": "[^"]*"/g, (whole, name) =>
      versions[name] === undefined ? whole : `"${name}": "${versions[name]}"`,
    ),
  )
}

function named(text, names) {
  return text
    .replaceAll('s3db-backup-driver-example-', `${names.folder}-`)
    .replaceAll('s3db-backup-driver-example', names.package)
    .replaceAll("'example'", `'${names.short}'`)
    .replaceAll(/\bexample\b/g, names.camel)
    .replaceAll('Example', names.pascal)
}
