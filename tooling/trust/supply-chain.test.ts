import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { record } from './record.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const lockfile = read('pnpm-lock.yaml')
const workspace = read('pnpm-workspace.yaml')
const workflow = read('.github/workflows/ci.yml')

interface PackageJson {
  readonly name: string
  readonly private?: boolean
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}
const packageJson = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

const folders = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group))
    .map((name) => join(root, group, name))
    .filter((folder) => existsSync(join(folder, 'package.json'))),
)

let held = 0
const holds = (name: string, check: () => void) =>
  it(name, () => {
    check()
    held += 1
  })

/** The entries of a map at the top level of a YAML file that has one entry a line. */
function mapIn(yaml: string, name: string): Map<string, string> {
  const [, block = ''] = new RegExp(`^${name}:\\n((?: {2}.*\\n|\\n|#.*\\n)*)`, 'm').exec(yaml) ?? []
  const lines = [...block.matchAll(/^ {2}'?([^\s'#][^']*?)'?: *(.*)$/gm)]
  return new Map(lines.map(([, key = '', value = '']) => [key, value]))
}

/** The part of the lockfile that belongs to a package of ours. */
function importerOf(folder: string): string {
  const path = folder === root ? '.' : folder.slice(root.length + 1)
  const start = lockfile.indexOf(`\n  ${path}:`)
  const rest = lockfile.slice(start + 1)
  const end = rest.slice(1).search(/^(?: {2})?\S/m)
  return start === -1 ? '' : rest.slice(0, end === -1 ? undefined : end + 1)
}

describe('what is installed', () => {
  holds('the lockfile has every dependency of every package, with the range that is asked for', () => {
    const catalog = mapIn(workspace, 'catalog')
    for (const folder of [root, ...folders]) {
      const { dependencies, devDependencies } = packageJson(folder)
      const importer = importerOf(folder)
      for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
        const key = /^[a-z]/.test(name) ? name : `'${name}'`
        const specifier = new RegExp(`^ {6}${escaped(key)}:\\n {8}specifier: '?([^'\\n]+)'?$`, 'm').exec(
          importer,
        )?.[1]
        expect(specifier, `${name} in ${folder}`).toBe(range)
        if (range === 'catalog:') expect(catalog.has(name), name).toBe(true)
      }
    }
  })

  holds('everything in the lockfile is named by what it contains, and by nobody who served it', () => {
    const resolutions = [...lockfile.matchAll(/^ {4}resolution: (.*)$/gm)].map(([, text]) => text ?? '')
    expect(resolutions.length).toBeGreaterThan(100)
    for (const resolution of resolutions)
      expect(resolution).toMatch(/^\{integrity: sha512-[A-Za-z0-9+/=]{88}\}$/)
  })

  holds('a version is at least a day old before it is taken', () => {
    const minutes = Number(/^minimumReleaseAge: (\d+)$/m.exec(workspace)?.[1])
    expect(minutes).toBeGreaterThanOrEqual(24 * 60)
    expect(workspace).not.toMatch(/^minimumReleaseAgeExclude/m)
  })

  holds('CI installs what the lockfile says and nothing else', () => {
    const manager = /^\s*(?:[A-Z]+: |- run: )?npx -y pnpm@(\S+)$/m.exec(workflow)?.[1]
    expect(`pnpm@${manager}`).toBe(JSON.parse(read('package.json')).packageManager)
    expect(workflow).not.toMatch(/--no-frozen-lockfile|npm install|npm i /)
    // `pnpm run` does the installation, and pnpm freezes it if CI is set.
    expect(workspace).toMatch(/^verifyDepsBeforeRun: install$/m)
  })
})

/** Scripts that a package manager runs while it installs. */
const installScripts = ['preinstall', 'install', 'postinstall']

function installed(): { name: string; manifest: PackageJson; folder: string }[] {
  const store = join(root, 'node_modules/.pnpm')
  return readdirSync(store).flatMap((entry) => {
    const modules = join(store, entry, 'node_modules')
    if (!existsSync(modules)) return []
    const names = readdirSync(modules).flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
    )
    // Next to each package are links to its dependencies; the package itself is the entry that is not a link.
    return names
      .map((name) => ({ name, folder: join(modules, name) }))
      .filter(
        ({ folder }) =>
          existsSync(join(folder, 'package.json')) &&
          realpathSync(folder) === realpathSync(modules) + folder.slice(modules.length),
      )
      .map(({ name, folder }) => ({ name, folder, manifest: packageJson(folder) }))
  })
}

describe('what may run during the installation', () => {
  const allowed = mapIn(workspace, 'allowBuilds')

  holds('the list of build scripts names every package that has one, and no other', () => {
    const found = installed()
      .filter(
        ({ manifest: { scripts = {} }, folder }) =>
          installScripts.some((script) => script in scripts) || existsSync(join(folder, 'binding.gyp')),
      )
      .map(({ name }) => name)
    expect(found.length).toBeGreaterThan(0)
    for (const name of found)
      expect(allowed.has(name), `${name} has a build script and is not in allowBuilds`).toBe(true)
    for (const name of allowed.keys())
      expect(lockfile, name).toMatch(new RegExp(`^ {2}'?${escaped(name)}@`, 'm'))
  })

  holds('only Node itself may run one: it brings its own binary', () => {
    const running = [...allowed].filter(([, value]) => value === 'true').map(([name]) => name)
    expect(running).toEqual(['node'])
  })

  holds('none of our own packages has one', () => {
    for (const folder of folders)
      for (const script of [...installScripts, 'prepare'])
        expect(packageJson(folder).scripts ?? {}, folder).not.toHaveProperty(script)
  })
})

describe.each(folders.map((folder) => [packageJson(folder).name, folder] as const))('%s', (_, folder) => {
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = packageJson(folder)
  const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })

  holds('gives a reason for each dependency in its README', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    const [, section = ''] =
      /^## (?:Dependencies|What it depends on, and why)\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readme) ?? []
    const entries = section.split('\n').filter((line) => /^(-|\|) /.test(line))
    for (const name of names) {
      // Our packages may be listed by their last name, several with one reason.
      const short = name.replace('@s3db-backup/', '')
      const entry = entries.find((line) => [name, short].some((one) => line.includes(`\`${one}\``)))
      expect(entry, `${name} has no reason`).toBeDefined()
      const reason =
        entry?.replaceAll(/`[^`]*`|\((?:peer|optional|peer, optional)\)|[|,:-]/g, ' ').trim() ?? ''
      expect(reason.length, `the reason for ${name}`).toBeGreaterThan(3)
    }
  })
})

/** Licences under which everybody may use and pass on what depends on them. */
const licences = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
]

describe('dependencies of our packages', () => {
  const found = new Map<string, string>()
  const visit = (from: string, names: readonly string[]) => {
    for (const name of names) {
      if (name.startsWith('@s3db-backup/')) continue
      const folder = findFrom(from, name)
      if (folder === undefined || found.has(folder)) continue
      const manifest = packageJson(folder)
      found.set(folder, `${name}: ${licenceOf(manifest)}`)
      visit(folder, Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
    }
  }
  for (const folder of folders) visit(folder, Object.keys(packageJson(folder).dependencies ?? {}))

  holds('is under licences that allow it', () => {
    expect(found.size).toBeGreaterThan(10)
    for (const entry of found.values()) {
      const licence = entry.slice(entry.indexOf(': ') + 2)
      const choices = licence.replaceAll(/[()]/g, '').split(' OR ')
      expect(
        choices.some((choice) => choice.split(' AND ').every((one) => licences.includes(one))),
        entry,
      ).toBe(true)
    }
  })
})

function licenceOf(manifest: PackageJson): string {
  const licence: unknown = manifest.license
  if (typeof licence === 'string') return licence
  return typeof licence === 'object' && licence !== null ? String(Reflect.get(licence, 'type')) : 'none'
}

/** Where Node would find a package from a folder. */
function findFrom(from: string, name: string): string | undefined {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (dirname(folder) === folder) return undefined
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

describe('known vulnerabilities', () => {
  holds('CI asks for them', () => {
    expect(workflow).toContain('node tooling/trust/supply-chain/audit.mjs')
  })

  holds('what was found fails; that nobody could be asked is said, and does not', () => {
    const audit = (answer: string) => {
      try {
        const stdout = execFileSync(
          process.execPath,
          [join(root, 'tooling/trust/supply-chain/audit.mjs'), '--answer', answer],
          {
            encoding: 'utf8',
          },
        )
        return { code: 0, stdout }
      } catch (error) {
        return {
          code: Number(Reflect.get(Object(error), 'status')),
          stdout: String(Reflect.get(Object(error), 'stdout')),
        }
      }
    }
    const nothing = { info: 0, low: 3, moderate: 0, high: 0, critical: 0 }
    const advisory = { module_name: 'left', severity: 'high', title: 'bad', url: 'https://example.org/1' }
    expect(audit(JSON.stringify({ advisories: {}, metadata: { vulnerabilities: nothing } }))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing serious'),
    })
    expect(
      audit(
        JSON.stringify({
          advisories: { 1: advisory },
          metadata: { vulnerabilities: { ...nothing, high: 1 } },
        }),
      ),
    ).toMatchObject({ code: 1, stdout: expect.stringMatching(/left.*bad/) })
    for (const answer of ['', 'not JSON', '{"error":{"code":"ERR_PNPM_AUDIT_ENDPOINT_NOT_EXISTS"}}'])
      expect(audit(answer)).toMatchObject({ code: 0, stdout: expect.stringContaining('could not be asked') })
  })
})

afterAll(() =>
  record({
    suite: 'supply chain',
    what: 'rules about dependencies',
    tried: held,
    ended: { 'are kept': held },
  }),
)
