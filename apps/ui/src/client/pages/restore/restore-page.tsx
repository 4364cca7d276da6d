import { useContext, useState } from 'preact/hooks'
import type { BackupList } from '../../../api/backups.js'
import type { ResourceList } from '../../../api/records.js'
import type { Problem } from '../../../api/values.js'
import type { DryRunRequest, Job } from '../../../api/work.js'
import { problemOf, send, useAnswer, withQuery } from '../../ask.js'
import { Around, Command, Text, Wrong } from '../../parts/basic.js'
import { ChooseBackup, Locked } from '../../parts/choose-backup.js'
import { Steps } from '../../parts/steps.js'
import { go, Link } from '../../place.js'
import { ChooseDatabase } from './choose-database.js'
import { ChooseResources } from './choose-resources.js'
import { restoreCommand } from './restore-command.js'

type Query = Readonly<Record<string, string>>

const modes = {
  skip: 'Add only missing records; existing records stay',
  merge: 'Replace existing records with those of the backup; other records stay',
  replace: 'Make it identical to the backup: other records are removed',
}

/** The content to restore, and the target. Nothing is written before a dry run was shown and a name was typed. */
export function RestorePage({ query }: { readonly query: Query }) {
  const { about } = useContext(Around)
  const list = useAnswer<BackupList>('/api/backups')
  const [by, setBy] = useState<'backup' | 'moment'>('backup')
  const [backup, setBackup] = useState(query.backup ?? '')
  const [moment, setMoment] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>(
    query.resource === undefined ? [] : [query.resource],
  )
  const [ids, setIds] = useState(query.id ?? '')
  const [mode, setMode] = useState<DryRunRequest['mode']>(query.id === undefined ? 'skip' : 'merge')
  const [where, setWhere] = useState<'own' | 'other'>(about.database === null ? 'other' : 'own')
  const [target, setTarget] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const resources = useAnswer<ResourceList>(
    backup === '' || by === 'moment' ? undefined : withQuery('/api/resources', { backup }),
  )
  const idList =
    query.id === undefined
      ? ids
          .split('\n')
          .map((id) => id.trim())
          .filter(Boolean)
      : [query.id]
  const request: DryRunRequest = {
    mode,
    ...(by === 'backup' ? { backup } : { at: momentOf(moment) }),
    ...(chosen.length === 0 ? {} : { resources: [...chosen] }),
    ...(idList.length === 0 ? {} : { ids: idList }),
    ...(where === 'own' ? {} : { target }),
  }
  const ready =
    (by === 'backup' ? backup !== '' : momentOf(moment) !== undefined) && (where === 'own' || target !== '')
  const start = async () => {
    try {
      const job = await send<Job>('/api/dry-run', request)
      go('/job', { id: job.id })
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <>
      <h1>Restore</h1>
      <Steps at={0} />
      {!about.writes && (
        <div class="note warn">
          <p>
            This page is read-only: it was started without <code>--allow-writes</code>. Choose here what to
            restore, and run the command below.
          </p>
        </div>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
      >
        <h2>What</h2>
        <fieldset>
          <legend class="hidden">Backup or moment</legend>
          <label>
            <input type="radio" name="by" checked={by === 'backup'} onChange={() => setBy('backup')} />A
            backup
          </label>
          <label>
            <input type="radio" name="by" checked={by === 'moment'} onChange={() => setBy('moment')} />A
            moment: the newest backup of that time or earlier
          </label>
        </fieldset>
        <div class="row ends">
          {by === 'backup' ? (
            <label for="backup">
              Backup
              <ChooseBackup
                list={list.data}
                value={backup}
                choose={(id) => {
                  setBackup(id)
                  setChosen([])
                }}
              />
            </label>
          ) : (
            <label>
              Moment, in this machine's time
              <input
                type="datetime-local"
                step="1"
                value={moment}
                onInput={(event) => setMoment(event.currentTarget.value)}
              />
            </label>
          )}
        </div>
        <Wrong problem={list.problem} />
        <Locked list={list.data} />
        <Wrong problem={resources.problem} />
        {by === 'backup' && resources.data !== undefined && (
          <ChooseResources of={resources.data.resources} chosen={chosen} choose={setChosen} />
        )}
        {query.id === undefined ? (
          <details>
            <summary>Only some records</summary>
            <label class="small">
              Their ids, one per line
              <textarea rows={4} value={ids} onInput={(event) => setIds(event.currentTarget.value)} />
            </label>
          </details>
        ) : (
          <p>
            Only the record <Text of={query.id} mono />.
          </p>
        )}
        <h2>Where</h2>
        <ChooseDatabase
          own={where === 'own'}
          setOwn={(own) => setWhere(own ? 'own' : 'other')}
          target={target}
          setTarget={setTarget}
        />
        <fieldset>
          <legend>Existing records</legend>
          {Object.entries(modes).map(([key, words]) => (
            <label key={key}>
              <input
                type="radio"
                name="mode"
                checked={mode === key}
                onChange={() => setMode(key as DryRunRequest['mode'])}
              />
              {words}
            </label>
          ))}
        </fieldset>
        <div class="row">
          <button type="submit" class="main" disabled={!ready || !about.writes}>
            Dry run
          </button>
          <span class="quiet">Counts the changes and writes nothing.</span>
        </div>
      </form>
      <Wrong problem={problem} />
      {ready && by === 'backup' && (
        <Command
          line={restoreCommand(
            { backup, mode, resources: chosen, ids: idList, own: where === 'own', target },
            about.placeOptions,
          )}
        />
      )}
      <p class="quiet">
        All started restores are under <Link to="/activity">Activity</Link>.
      </p>
    </>
  )
}

function momentOf(text: string): string | undefined {
  const date = new Date(text)
  return text === '' || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
