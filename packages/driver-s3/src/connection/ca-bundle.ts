import { readFileSync } from 'node:fs'
import { BackupError } from '@s3db-backup/core'

/** The certificates in the file that `AWS_CA_BUNDLE` names; none without it. They take the place of the well-known ones. */
export function caBundle(env: NodeJS.ProcessEnv): string | undefined {
  const path = env.AWS_CA_BUNDLE
  if (path === undefined || path === '') return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new BackupError(
      'invalid_options',
      `Cannot read the certificates of AWS_CA_BUNDLE, ${path} (${why})`,
      {
        operation: 'validateConfig',
        driver: 's3',
        suggestion: 'Set AWS_CA_BUNDLE to a file with certificates in PEM, or unset it.',
        cause: error,
      },
    )
  }
}
