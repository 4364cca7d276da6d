import { BackupError } from '@s3db-backup/core'

/** The environment variables in which engines give a process its index, and the engine of each. */
const variables: Readonly<Record<string, string>> = {
  JOB_COMPLETION_INDEX: 'an Indexed Job of Kubernetes',
  AWS_BATCH_JOB_ARRAY_INDEX: 'an array job of AWS Batch',
}

/**
 * Which shard this process runs: what was given, else what the engine has put into the environment.
 *
 * @throws BackupError `invalid_options` if no index is given, or it is not a whole number from 0.
 */
export function shardIndex(given: string | number | undefined, env: NodeJS.ProcessEnv): number {
  if (given !== undefined) return whole(given, '--index')
  for (const name of Object.keys(variables)) {
    const value = env[name]
    if (value !== undefined && value !== '') return whole(value, name)
  }
  const known = Object.entries(variables).map(([name, whose]) => `${name} (${whose})`)
  throw new BackupError('invalid_options', 'The index of the shard is missing', {
    operation: 'backup',
    suggestion: `Give --index, or set ${known.join(' or ')}.`,
  })
}

function whole(value: string | number, name: string): number {
  const text = String(value)
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BackupError(
    'invalid_options',
    `${name} is ${JSON.stringify(value)}, which is not the index of a shard`,
    {
      operation: 'backup',
      suggestion: 'Indices are whole numbers from 0.',
    },
  )
}
