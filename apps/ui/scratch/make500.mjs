import { backup, records } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'

const path = '/tmp/ui500'
const driver = filesystem({ path })
for (let n = 0; n < 500; n++)
  await backup({
    driver,
    verify: false,
    source: records({ people: { records: [{ id: 'a', n }] }, orders: { records: [{ id: 'o', n }] } }),
    metadata: { schedule: ['nightly'] },
  })
