import { systemError } from '@s3db-backup/core/internal'

const suggestion = 'Set tempDir, or TMPDIR in the environment, to a folder with enough space.'

/** Awaits a call to the file system on the private folder; what it throws is named by cause, with the path. */
export async function onPrivateFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw systemError(error, { what: `Cannot use ${path}`, path, suggestion, operation: 'download' })
  }
}
