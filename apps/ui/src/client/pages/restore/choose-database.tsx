import { useContext } from 'preact/hooks'
import { Around, Text } from '../../parts/basic.js'

/** The database to restore into: that of this server, or another one by its address. */
export function ChooseDatabase({
  own,
  setOwn,
  target,
  setTarget,
}: {
  readonly own: boolean
  readonly setOwn: (own: boolean) => void
  readonly target: string
  readonly setTarget: (target: string) => void
}) {
  const { about } = useContext(Around)
  return (
    <>
      <fieldset>
        <legend class="hidden">Database</legend>
        <label>
          <input
            type="radio"
            name="where"
            checked={own}
            disabled={about.database === null}
            onChange={() => setOwn(true)}
          />
          {about.database === null ? (
            'The database of this server (none: it was started without one)'
          ) : (
            <>
              The database of this server, <Text of={about.database} mono />
            </>
          )}
        </label>
        <label>
          <input type="radio" name="where" checked={!own} onChange={() => setOwn(false)} />
          Another database
        </label>
      </fieldset>
      {!own && (
        <label class="small">
          Its address: file:///path or s3://KEY:SECRET@bucket/path. It is created if it does not exist.
          <input
            type="text"
            autocomplete="off"
            spellcheck={false}
            value={target}
            onInput={(event) => setTarget(event.currentTarget.value)}
          />
        </label>
      )}
    </>
  )
}
