import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const root = join(import.meta.dirname, '../..')
export const read = (file: string) => readFileSync(join(root, 'deploy', file), 'utf8')

/** The words of an instruction of the Dockerfile that is written as JSON, the last of its kind. */
export function instruction(name: string): string[] {
  const lines = read('docker/Dockerfile').replaceAll('\\\n', ' ')
  const [, words] = new RegExp(`^${name} [^[]*(\\[.*\\])$`, 'm').exec(lines) ?? []
  if (words === undefined) throw new Error(`The Dockerfile has no ${name}`)
  return JSON.parse(words)
}

/** The command by which the image installs what it runs. */
export function installation(): string {
  const [, command] =
    /^RUN (npm install .*?) &&/m.exec(read('docker/Dockerfile').replaceAll('\\\n', ' ')) ?? []
  if (command === undefined) throw new Error('The Dockerfile installs nothing')
  return command
}

/** What the Dockerfile sets for the program. */
export function environment(): string[] {
  const [, block = ''] = /^ENV (.*)$/m.exec(read('docker/Dockerfile').replaceAll('\\\n', ' ')) ?? []
  return block.trim().split(/\s+/)
}

/** The script of a step of the composite action. */
export function step(id: string): string {
  const [, script] =
    new RegExp(`- id: ${id}\\n[\\s\\S]*?run: \\|\\n((?: {8}.*\\n)+)`).exec(
      read('github-action/action.yml'),
    ) ?? []
  if (script === undefined) throw new Error(`The action has no step ${id}`)
  return script.replaceAll(/^ {8}/gm, '')
}

/** What the pods of a Job run. */
export interface PodOf {
  readonly step: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** How many indices an Indexed Job has. */
  readonly completions: number | undefined
  readonly writableTmp: boolean
}

/** The pods of the Jobs in a manifest, in its order. */
export function podsOf(file: string): PodOf[] {
  return parseAllDocuments(read(file))
    .map((document) => document.toJS())
    .filter(({ kind }) => kind === 'Job')
    .map(({ metadata, spec }) => {
      const [container] = spec.template.spec.containers
      return {
        step: metadata.labels.step,
        args: container.args,
        env: Object.fromEntries(
          container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
        ),
        completions: spec.completions,
        writableTmp:
          container.volumeMounts?.some(({ mountPath }: { mountPath: string }) => mountPath === '/tmp') ??
          false,
      }
    })
}
