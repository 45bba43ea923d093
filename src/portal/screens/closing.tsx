import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { dayOf } from '../dates.ts'
import { Form } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Covered, Screen } from '../parts/screen.tsx'
import { useSensitive } from '../parts/sensitive.tsx'
import { goTo } from '../places.ts'
import type { LoadedAccess } from './access.tsx'

/** Closing the record: what happens and when, before it is done; and opening it again, as long as it is there. */
export function Closing({ loaded }: { readonly loaded: LoadedAccess }) {
  const { words, link } = useApp()
  const { closing, settings, frame } = words
  const { sensitively, cover } = useSensitive()
  const [hasRead, setHasRead] = useState(false)
  const [news, setNews] = useState<'closed' | 'open' | null>(null)
  const back = { label: settings.back, onBack: () => goTo('settings') }
  const { value, busy, trouble, reload } = loaded
  if (value === null) {
    return (
      <Screen title={closing.title} back={back}>
        {trouble && <TroubleBox trouble={trouble} onAgain={reload} />}
        {busy && <Waiting>{frame.wait}</Waiting>}
      </Screen>
    )
  }
  if (value.destroyedAt !== null) {
    return (
      <Covered cover={cover}>
        <Closed
          destroyedAt={value.destroyedAt}
          isNew={news === 'closed'}
          onUndo={async () => {
            await sensitively(() => link.call('undoClose', null))
            setNews('open')
            loaded.renew({ ...value, destroyedAt: null })
          }}
        />
      </Covered>
    )
  }
  if (news === 'open') {
    return (
      <Screen title={closing.openTitle} lead={closing.openLead}>
        <button type="button" class="primary" onClick={() => goTo('access')}>
          {closing.openNext}
        </button>
      </Screen>
    )
  }
  return (
    <Covered cover={cover}>
      <Screen title={closing.title} lead={closing.lead} back={back}>
        <h2>{closing.nowTitle}</h2>
        <ul>
          {closing.now(value.grants.length).map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <h2>{closing.laterTitle}</h2>
        <ul>
          {closing.later.map(text => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <Notice kind="info" title={closing.exportTitle}>
          <p>{closing.exportText}</p>
          <button type="button" onClick={() => goTo('export')}>
            {settings.export}
          </button>
        </Notice>
        <label class="check">
          <input type="checkbox" checked={hasRead} onChange={event => setHasRead(event.currentTarget.checked)} />
          {closing.hasRead}
        </label>
        {hasRead && (
          <Form
            look="danger"
            send={closing.send}
            busy={closing.busy}
            onSend={async () => {
              const { destroyedAt } = await sensitively(() => link.call('close', null))
              setNews('closed')
              loaded.renew({ ...value, grants: [], requests: [], destroyedAt })
            }}
          >
            {null}
          </Form>
        )}
      </Screen>
    </Covered>
  )
}

function Closed(props: { readonly destroyedAt: string; readonly isNew: boolean; onUndo(): Promise<void> }) {
  const { words, language } = useApp()
  const { closing, settings, frame } = words
  const { destroyedAt, isNew, onUndo } = props
  const back = { label: settings.back, onBack: () => goTo('settings') }
  return (
    <Screen title={closing.closedTitle} back={back}>
      <Notice kind={isNew ? 'good' : 'info'}>
        <p role="status">{closing.destroyedOn(dayOf(destroyedAt, language))}</p>
      </Notice>
      <ul>
        {closing.until.map(text => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <Form look="other" send={closing.undo} busy={frame.wait} onSend={onUndo}>
        {null}
      </Form>
      <p class="hint">{closing.undoText}</p>
    </Screen>
  )
}
