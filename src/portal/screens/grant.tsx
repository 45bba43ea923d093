import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Form } from '../parts/form.tsx'
import { HolderFacts } from '../parts/holder.tsx'
import { RightsForm } from '../parts/rights-form.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'
import type { GrantLine } from '../worker/access.ts'

/** One access that is given: change it, take it back, block who has it. */
export function GrantScreen(props: {
  readonly grant: GrantLine
  readonly own: readonly string[]
  onDone(news: string): void
}) {
  const { grant, own, onDone } = props
  const { words, link } = useApp()
  const { rights, frame } = words
  const [asked, setAsked] = useState<'revoke' | 'block' | null>(null)
  const { nationalId, name } = grant
  if (asked !== null) {
    const isBlock = asked === 'block'
    return (
      <Screen
        title={isBlock ? rights.blockTitle(name) : rights.revokeTitle(name)}
        back={{ label: frame.cancel, onBack: () => setAsked(null) }}
      >
        <Form
          look="danger"
          send={isBlock ? rights.blockSend : rights.revokeSend}
          busy={isBlock ? rights.blockBusy : rights.revokeBusy}
          onSend={async () => {
            await link.call(asked, { nationalId })
            onDone(isBlock ? rights.isBlocked : rights.revoked)
          }}
        >
          <ul>
            {(isBlock ? rights.blockText : rights.revokeText).map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Form>
      </Screen>
    )
  }
  return (
    <Screen title={rights.changeTitle(name)} back={{ label: frame.back, onBack: () => goTo('access') }}>
      <HolderFacts {...grant} />
      <RightsForm
        proposed={grant.rights}
        own={own}
        hint=""
        until={grant.until}
        send={rights.changeSend}
        busy={rights.changeBusy}
        onSend={async (list, until) => {
          await link.call('change', { nationalId, rights: list, until })
          onDone(rights.changed)
        }}
      />
      <hr />
      <button type="button" onClick={() => setAsked('revoke')}>
        {rights.revoke}
      </button>
      <button type="button" class="plain" onClick={() => setAsked('block')}>
        {rights.block}
      </button>
    </Screen>
  )
}
