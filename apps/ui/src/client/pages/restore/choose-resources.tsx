import type { ResourceList } from '../../../api/records.js'
import { Text } from '../../parts/basic.js'
import { number } from '../../words.js'

/** The resources of a backup, with their numbers of records. */
export function ChooseResources({
  of,
  chosen,
  choose,
}: {
  readonly of: ResourceList['resources']
  readonly chosen: readonly string[]
  readonly choose: (names: readonly string[]) => void
}) {
  const toggle = (name: string) =>
    choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])
  return (
    <fieldset>
      <legend>Resources (none chosen: all of them)</legend>
      <div class="choices">
        {of.map(({ name, records }) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
            <Text of={name} /> <span class="quiet">{number(records)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
