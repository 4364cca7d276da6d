import type { Problem } from '../../../api/values.js'
import type { DrillReport, Job, VerifyReport } from '../../../api/work.js'
import { BackupLink, Wrong } from '../../parts/basic.js'
import { DrilledTable } from '../../parts/drilled.js'
import { bytes, counted } from '../../words.js'
import { Restored } from './restored.js'

export function Report({ of, job }: { readonly of: NonNullable<Job['report']>; readonly job: Job }) {
  if (of.kind === 'verify') return <Verified of={of} />
  if (of.kind === 'drill') return <Drilled of={of} />
  return <Restored of={of} job={job} />
}

function Problems({ of }: { readonly of: readonly Problem[] }) {
  return (
    <>
      {of.map((problem) => (
        <Wrong key={problem.message} problem={problem} />
      ))}
    </>
  )
}

function Verified({ of }: { readonly of: VerifyReport }) {
  return (
    <>
      <div class={`note ${of.ok ? 'good' : 'bad'}`}>
        <p>
          {of.ok ? 'No problem in ' : 'Problems in '}
          <BackupLink id={of.backup} />.
        </p>
        <p class="quiet">
          {counted(of.files, 'part')}, {bytes(of.bytes)}
          {of.records > 0 && `, ${counted(of.records, 'record')}`}
          {of.ancestors.length > 0 && `; it builds on ${counted(of.ancestors.length, 'other')}`}. Level:{' '}
          {of.level}.
        </p>
      </div>
      <Problems of={of.problems} />
    </>
  )
}

function Drilled({ of }: { readonly of: DrillReport }) {
  return (
    <>
      <div class={`note ${of.ok ? 'good' : 'bad'}`}>
        <p>
          <BackupLink id={of.backup} /> was restored ({of.scratch}) and compared:{' '}
          {of.ok ? 'every record is identical.' : 'the drill failed; see below.'}
        </p>
        <p class="quiet">
          {of.stored ? 'The report is stored at the destination.' : 'The report could not be stored.'}
        </p>
      </div>
      <DrilledTable of={of.resources} />
      <Problems of={of.problems} />
    </>
  )
}
