import { useContext } from 'preact/hooks'
import type { KeptDrill } from '../../api/schedule.js'
import { useAnswer, withQuery } from '../ask.js'
import { Around, BackupLink, Command, Facts, Text, Waiting, When, Wrong } from '../parts/basic.js'
import { DrilledTable } from '../parts/drilled.js'
import { commandLine, length } from '../words.js'

/** A drill that somebody made, by the report that it left. */
export function DrillPage({ report }: { readonly report: string }) {
  const { data, problem, loading } = useAnswer<KeptDrill>(withQuery('/api/drill', { key: report }))
  const { about } = useContext(Around)
  return (
    <>
      <h1>Drill</h1>
      <Waiting on={loading} />
      <Wrong problem={problem} />
      {data !== undefined && (
        <>
          <div class={`note ${data.ok ? 'good' : 'bad'}`}>
            <p>
              <BackupLink id={data.backup} /> was restored and compared:{' '}
              {data.ok ? 'every record is identical.' : 'the drill failed; see below.'}
            </p>
          </div>
          <Facts
            of={[
              ['Started', <When key="at" at={data.at} age />],
              ['Took', length(data.duration)],
              ['Restored into', `a database of its own (${data.scratch})`],
              [
                'Builds on',
                data.chain.length < 2
                  ? 'nothing else'
                  : data.chain.slice(0, -1).map((id) => (
                      <div key={id}>
                        <BackupLink id={id} />
                      </div>
                    )),
              ],
              ['Signed off by', data.by === null ? 'none' : <Text key="by" of={data.by} />],
              ['Signature', data.signed ? 'there is one: check it with the public key' : 'none'],
              ['Report', <Text key="key" of={data.key} mono />],
            ]}
          />
          <h2>Resources</h2>
          <DrilledTable of={data.resources} />
          {data.problems.map((text) => (
            <p key={text} class="note bad">
              <Text of={text} />
            </p>
          ))}
          <Command
            line={commandLine(
              ['verify', data.backup],
              { '--level': 'restore', '--keep-report': true },
              about.placeOptions,
            )}
          />
        </>
      )}
    </>
  )
}
