import { useState } from 'preact/hooks'
import { useApp } from '../context.ts'
import { Field, Form } from '../parts/form.tsx'
import { HolderFacts } from '../parts/holder.tsx'
import { RightsForm } from '../parts/rights-form.tsx'
import { Screen } from '../parts/screen.tsx'
import { goTo } from '../places.ts'
import type { Holder, RequestLine } from '../worker/access.ts'
import { Compare, type Compared, ComparedNotice } from './compare.tsx'

/** Gives access to somebody who is looked up by number. */
export function Give({ own, onDone }: { readonly own: readonly string[]; onDone(news: string): void }) {
  const { words, link } = useApp()
  const { give } = words
  const [number, setNumber] = useState('')
  const [found, setFound] = useState<Holder | null>(null)
  if (found !== null)
    return <GiveTo holder={found} request={null} own={own} onBack={() => setFound(null)} onDone={onDone} />
  return (
    <Screen title={give.title} lead={give.lead} back={{ label: words.frame.back, onBack: () => goTo('access') }}>
      <Form
        send={give.send}
        busy={give.busy}
        onSend={async () => setFound(await link.call('find', { nationalId: number }))}
      >
        <Field label={give.number} hint={give.numberHint} value={number} digits code onValue={setNumber} />
      </Form>
    </Screen>
  )
}

/** Answers a request: compare, then yes or no. */
export function Answer(props: {
  readonly request: RequestLine
  readonly own: readonly string[]
  onDone(news: string): void
}) {
  const [compared, setCompared] = useState<Compared | null>(null)
  const { request, onDone } = props
  if (compared === null) return <Compare request={request} onCompared={setCompared} onDenied={onDone} />
  return <GiveTo {...props} holder={request} compared={compared} onBack={() => setCompared(null)} />
}

function GiveTo(props: {
  readonly holder: Holder
  readonly request: RequestLine | null
  readonly compared?: Compared
  readonly own: readonly string[]
  onBack(): void
  onDone(news: string): void
}) {
  const { words, link } = useApp()
  const { rights, frame } = words
  const { holder, request, compared, own, onBack, onDone } = props
  return (
    <Screen title={rights.giveTitle(holder.name)} back={{ label: frame.back, onBack }}>
      {compared === undefined ? <p>{rights.compare}</p> : <ComparedNotice how={compared} />}
      <HolderFacts {...holder} acting={request?.acting ?? null} />
      <RightsForm
        proposed={holder.usual}
        own={own}
        hint={holder.usual.length === 0 ? rights.noUsual : rights.usual}
        until={null}
        send={rights.giveSend}
        busy={rights.giveBusy}
        onSend={async (list, until) => {
          const { nationalId } = holder
          await link.call('grant', { nationalId, request: request?.request ?? null, rights: list, until })
          onDone(rights.given)
        }}
      />
      {request !== null && (
        <Form
          look="other"
          send={rights.deny}
          busy={rights.denyBusy}
          onSend={async () => {
            await link.call('deny', { request: request.request })
            onDone(rights.denied)
          }}
        >
          {null}
        </Form>
      )}
    </Screen>
  )
}
