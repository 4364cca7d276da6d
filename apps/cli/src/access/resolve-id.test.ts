import { BackupError } from '@s3db-backup/core'
import { BackupPlugin } from '@s3db-backup/plugin'
import { expect, test, vi } from 'vitest'
import { resolveId } from './resolve-id.js'

const [january, february, march] = ['01', '02', '03'].map(
  (month) => `full-2024-${month}-01T00-00-00-abc123`,
) as [string, string, string]

/** A destination with a backup of February, and another one whose manifest may not be read. */
function withDenied(id: string) {
  const plugin = new BackupPlugin()
  const error = new BackupError('permission_denied', `May not read ${id}/s3db.json`)
  const known = { id: february, type: 'full', status: 'completed', timestamp: '2024-02-01T00:00:00.000Z' }
  const listed = [known, { id, status: 'damaged', path: id, error }]
  vi.spyOn(plugin, 'listBackups').mockResolvedValue(listed as never)
  return plugin
}

test('latest is not an older backup while a newer one may not be read', async () => {
  expect(await resolveId(withDenied(january), 'latest')).toBe(february)
  for (const newer of [march, 'by-hand'])
    await expect(resolveId(withDenied(newer), 'latest')).rejects.toMatchObject({
      code: 'permission_denied',
      operation: 'status',
      message: `May not read ${newer}/s3db.json`,
    })
})
