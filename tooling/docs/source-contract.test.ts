import { join } from 'node:path'
import { transientKinds } from '@s3db-backup/s3db/internal'
import { expect, it } from 'vitest'
import { lies } from '../../packages/s3db/test/lying-clients/lies.ts'
import { ofServers } from '../../packages/s3db/test/lying-clients/server-lies.ts'
import { targetLies } from '../../packages/s3db/test/lying-clients/target-lies.ts'
import { sourceContractPage } from './source-contract-page.ts'

const page = join(import.meta.dirname, '../../docs/source-contract.md')

// `vitest run tooling/docs/source-contract.test.ts --update` rewrites the page.
it('docs/source-contract.md says what the source does', async () => {
  await expect(sourceContractPage(transientKinds, [...lies, ...ofServers], targetLies)).toMatchFileSnapshot(
    page,
  )
})
