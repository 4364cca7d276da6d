import { BackupPlugin } from '@s3db-backup/plugin'

const t0 = performance.now()
const p = new BackupPlugin({ driver: 'filesystem', config: { path: process.argv[2] ?? '/tmp/ui500' } })
for (let i = 0; i < 4; i++) {
  const t = performance.now()
  const o = await p.overview({})
  console.log('overview', o.backups.length, Math.round(performance.now() - t))
}
for (let i = 0; i < 2; i++) {
  const t = performance.now()
  await p.drills.list({})
  console.log('drills', Math.round(performance.now() - t))
}
