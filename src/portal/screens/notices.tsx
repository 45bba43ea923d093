import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Form } from '../parts/form.tsx'
import { Notice } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'

/** Whether mail tells of each access. */
export function Notices() {
  const { words, link } = useApp()
  const { notices, settings } = words
  const [done, setDone] = useState('')
  const choose = (accesses: 'on' | 'off') => async () => {
    await link.call('notices', { accesses })
    setDone(accesses === 'on' ? notices.doneOn : notices.doneOff)
  }
  return (
    <Screen title={notices.title} lead={notices.lead} back={{ label: settings.back, onBack: () => goTo('settings') }}>
      {done !== '' && (
        <Notice kind="good">
          <p role="status">{done}</p>
        </Notice>
      )}
      <Form send={notices.on} busy={notices.busy} onSend={choose('on')}>
        {null}
      </Form>
      <Form look="other" send={notices.off} busy={notices.busy} onSend={choose('off')}>
        {null}
      </Form>
      <p class="hint">{notices.always}</p>
    </Screen>
  )
}
