import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackupError, type ErrorCode } from '@s3db-backup/core'
import { isWorthRetrying } from '@s3db-backup/shards'
import { CronJob, Job } from 'kubernetes-models/batch/v1'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { exitCodes } from '../../apps/cli/src/exit-codes.ts'

// Checks every manifest in deploy/kubernetes as a server would: against the schemas of the Kubernetes API, and, as a
// literal of their types, for unknown fields.

const root = join(import.meta.dirname, '../..')
const manifests = join(root, 'deploy/kubernetes')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(root, 'node_modules/.deploy-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly [field: string]: unknown
}

function isResource(value: unknown): value is Resource {
  const { apiVersion, kind } = Object(value)
  return typeof apiVersion === 'string' && typeof kind === 'string'
}

function resourcesIn(file: string): Resource[] {
  const text = readFileSync(join(manifests, file), 'utf8')
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    const [error] = [...document.errors, ...document.warnings]
    if (error !== undefined) throw error
    const resource: unknown = document.toJS()
    if (!isResource(resource)) throw new Error(`${file} has something in it that is no resource`)
    return resource
  })
}

/** What the schema says of a resource: nothing, or what is wrong. */
async function schemaProblem(resource: Resource): Promise<string | undefined> {
  const known: object = await import(`kubernetes-models/${resource.apiVersion}`)
  const Model: unknown = Reflect.get(known, resource.kind)
  if (typeof Model !== 'function') return `${resource.apiVersion} has no ${resource.kind}`
  try {
    Reflect.construct(Model, [resource]).validate()
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** Fields that the API does not have, and values that it does not take. */
function typeProblems(resources: readonly Resource[]): string[] {
  const lines = resources.flatMap(({ apiVersion, kind, ...rest }, at) => [
    `import type { I${kind} as Type${at} } from 'kubernetes-models/${apiVersion}'`,
    `export const resource${at}: Type${at} = ${JSON.stringify({ apiVersion, kind, ...rest }, null, 2)}`,
  ])
  const file = join(folder, 'manifest.ts')
  writeFileSync(file, lines.join('\n'))
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  })
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}

const files = readdirSync(manifests).filter((name) => name.endsWith('.yaml'))

describe.each(files)('%s', (file) => {
  it('is valid for the Kubernetes API', { timeout: 120_000 }, async () => {
    const resources = resourcesIn(file)
    expect(resources.length).toBeGreaterThan(0)
    for (const resource of resources) expect(await schemaProblem(resource)).toBeUndefined()
    expect(typeProblems(resources)).toEqual([])
  })
})

it('a manifest with an unknown field, an invalid value or a fraction is detected', {
  timeout: 120_000,
}, async () => {
  const job = (spec: object): Resource => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'one' },
    spec: { template: { spec: { containers: [{ name: 'one' }], restartPolicy: 'Never' } }, ...spec },
  })
  expect(typeProblems([job({})])).toEqual([])
  expect(typeProblems([job({ backofLimit: 3 })])).toEqual([expect.stringContaining('backofLimit')])
  expect(typeProblems([job({ completionMode: 'Indexd' })])).toEqual([expect.stringContaining('Indexd')])
  expect(await schemaProblem(job({}))).toBeUndefined()
  expect(await schemaProblem(job({ completions: 1.5 }))).toContain('completions')
})

/** The codes that the Jobs of a sharded backup do not try again after, by their step. */
function givenUpAfter(step: string): number[] {
  for (const resource of resourcesIn('sharded-backup.yaml')) {
    if (!Job.is(resource) || resource.metadata?.labels?.step !== step) continue
    const rules = resource.spec?.podFailurePolicy?.rules ?? []
    return rules.flatMap(({ onExitCodes }) => onExitCodes?.values ?? [])
  }
  throw new Error(`No Job of step ${step} has a podFailurePolicy`)
}

const passing = (code: ErrorCode) => isWorthRetrying(new BackupError(code, 'it failed'))
const permanent = (Object.keys(exitCodes) as ErrorCode[]).filter((code) => !passing(code))
const sorted = (codes: readonly ErrorCode[]) =>
  [...new Set(codes.map((code) => exitCodes[code]))].sort((a, b) => a - b)

it('the exit codes in the podFailurePolicy of the nightly backup are those that a retry does not fix', () => {
  const codes = resourcesIn('backup-cronjob.yaml').flatMap((resource) => {
    if (!CronJob.is(resource)) return []
    const rules = resource.spec?.jobTemplate.spec?.podFailurePolicy?.rules ?? []
    return rules.flatMap(({ onExitCodes }) => onExitCodes?.values ?? [])
  })
  // What is in the way, such as a backup of the same id that is being made, may be gone at the next attempt.
  expect(codes).toEqual(sorted(permanent.filter((code) => code !== 'conflict')))
})

describe('the exit codes in the podFailurePolicy of a sharded backup', () => {
  it('are those of a shard that a retry does not fix', () => {
    expect(givenUpAfter('shards')).toEqual(sorted(permanent))
  })

  it('are the same for a commit, except the one for missing shards', () => {
    expect(givenUpAfter('commit')).toEqual(sorted(permanent.filter((code) => code !== 'conflict')))
  })

  it('are never 0, nor the code of a killed process', () => {
    for (const code of [...givenUpAfter('shards'), ...givenUpAfter('commit')]) {
      expect(code).toBeGreaterThan(0)
      expect(code).toBeLessThan(128)
    }
  })
})
