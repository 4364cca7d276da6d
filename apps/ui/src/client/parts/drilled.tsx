import { number } from '../words.js'
import { Text } from './basic.js'
import { Count } from './count.js'
import { Wide } from './wide.js'

interface Drilled {
  readonly name: string
  readonly records: number
  readonly compared: number
  readonly different: number
  /** Ids of some that came back otherwise. */
  readonly examples?: readonly string[]
}

/** The findings of a drill about each resource. */
export function DrilledTable({ of }: { readonly of: readonly Drilled[] }) {
  return (
    <Wide label="What the drill found">
      <table class="stack">
        <thead>
          <tr>
            <th>Resource</th>
            <th class="number">Records</th>
            <th class="number">Compared</th>
            <th class="number">Different</th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <Text of={one.name} />
                {one.examples !== undefined && one.examples.length > 0 && (
                  <div class="quiet small">
                    such as{' '}
                    {one.examples.map((id) => (
                      <span key={id}>
                        <Text of={id} mono />{' '}
                      </span>
                    ))}
                  </div>
                )}
              </th>
              <Count name="Records" of={one.records} />
              <Count name="Compared" of={one.compared} />
              <td data-name="Different" class={`number ${one.different > 0 ? 'bad-text' : ''}`}>
                {number(one.different)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}
