import type { BackupDetails } from '../../../api/backups.js'
import { Text } from '../../parts/basic.js'
import { Count } from '../../parts/count.js'
import { Wide } from '../../parts/wide.js'
import { Link } from '../../place.js'
import { bytes, number } from '../../words.js'

export function Resources({
  of,
  id,
  title,
  links,
}: {
  readonly of: BackupDetails['resources']
  readonly id: string
  readonly title: string
  readonly links: boolean
}) {
  const lost = of.some((one) => one.lost > 0)
  return (
    <>
      <h2>{title}</h2>
      <Wide label={title}>
        <table class="stack">
          <thead>
            <tr>
              <th>Resource</th>
              <th class="number">In all</th>
              <th class="number">New here</th>
              <th class="number">Changed here</th>
              <th class="number">Deleted here</th>
              {lost && <th class="number">Lost</th>}
              <th class="number">Size</th>
            </tr>
          </thead>
          <tbody>
            {of.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  {links ? (
                    <Link to="/records" query={{ backup: id, resource: one.name }}>
                      <Text of={one.name} />
                    </Link>
                  ) : (
                    <Text of={one.name} />
                  )}
                </th>
                <Count name="In all" of={one.total} />
                <Count name="New here" of={one.added} />
                <Count name="Changed" of={one.replaced} />
                <Count name="Deleted here" of={one.deleted} />
                {lost && (
                  <td data-name="Lost" class="number bad-text">
                    {one.lost === 0 ? '' : number(one.lost)}
                  </td>
                )}
                <td data-name="Size" class="number">
                  {bytes(one.bytes)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  )
}
