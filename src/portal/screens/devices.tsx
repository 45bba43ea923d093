import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { dayOf, timeOf } from '../dates.ts'
import { Form } from '../parts/form.tsx'
import { TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'
import { RemoveDevice } from './remove-device.tsx'

type Known = ResultOf<'devices'>['devices'][number]
type Session = ResultOf<'devices'>['sessions'][number]

/** What opens the record, and where it is open; `removing` names the device that is to be taken away. */
export function Devices({ removing }: { readonly removing: string }) {
  const { words, link } = useApp()
  const { devices: said, settings, frame } = words
  const loaded = useLoaded(() => link.call('devices', null))
  const { value, trouble, busy, reload } = loaded
  const gone = value?.devices.find(({ slotId }) => slotId === removing)
  if (gone !== undefined) return <RemoveDevice device={gone} onDone={reload} />
  const others = value?.sessions.filter(({ current }) => !current) ?? []
  return (
    <Screen title={said.title} lead={said.lead} back={{ label: settings.back, onBack: () => goTo('settings') }}>
      {trouble && <TroubleBox trouble={trouble} onAgain={reload} />}
      {value === null && busy && <Waiting>{frame.wait}</Waiting>}
      {value !== null && (
        <>
          <ul class="lines">
            {value.devices.map(device => (
              <Device key={device.slotId} device={device} />
            ))}
          </ul>
          <button type="button" onClick={() => goTo('welcome')}>
            {said.add}
          </button>
          <section>
            <h2>{said.sessions}</h2>
            {others.length === 0 && <p>{said.noOther}</p>}
            {others.map(session => (
              <OtherSession key={session.session} session={session} onDone={reload} />
            ))}
          </section>
        </>
      )}
    </Screen>
  )
}

function Device({ device }: { readonly device: Known }) {
  const { words, language } = useApp()
  const { devices: said } = words
  const { kind, name, own, addedAt, usedAt, slotId } = device
  return (
    <li class="line">
      <strong>
        {kind === 'kit' ? said.kit : own ? said.this : said.other}
        {name !== null && ` (${name})`}
      </strong>
      {addedAt !== null && (
        <span class="line-text">
          {kind === 'kit' ? said.madeOn : said.addedOn} {dayOf(addedAt, language)}
        </span>
      )}
      {usedAt !== null && (
        <span class="line-text">
          {said.usedOn} {dayOf(usedAt, language)}, {timeOf(usedAt, language)}
        </span>
      )}
      {!own && (
        <button type="button" onClick={() => goTo(`devices/${slotId}`)}>
          {kind === 'kit' ? said.removeKit : said.remove}
          <span class="visually-hidden">
            {' '}
            {addedAt === null ? '' : `${dayOf(addedAt, language)}, ${timeOf(addedAt, language)}`}
          </span>
        </button>
      )}
    </li>
  )
}

function OtherSession({ session, onDone }: { readonly session: Session; onDone(): void }) {
  const { words, language, link } = useApp()
  const { devices: said } = words
  return (
    <div class="line">
      <strong>{said.openSince(dayOf(session.openedAt, language), timeOf(session.openedAt, language))}</strong>
      <span class="line-text">
        {said.usedOn} {dayOf(session.usedAt, language)}, {timeOf(session.usedAt, language)}
      </span>
      <Form
        look="other"
        send={said.end}
        busy={said.endBusy}
        onSend={async () => {
          await link.call('endOther', { session: session.session })
          onDone()
        }}
      >
        {null}
      </Form>
    </div>
  )
}
