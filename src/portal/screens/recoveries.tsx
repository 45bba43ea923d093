import { useState } from 'preact/hooks'
import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { dayOf } from '../dates.ts'
import { Form } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Covered, Screen } from '../parts/screen.tsx'
import { useSensitive } from '../parts/sensitive.tsx'
import type { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'

export type LoadedRecoveries = ReturnType<typeof useLoaded<ResultOf<'recoveries'>>>

/** Somebody asks to open this record anew: the patient who lost everything, or somebody who has a letter of theirs. */
export function Recoveries({ loaded }: { readonly loaded: LoadedRecoveries }) {
  const { words, language, link } = useApp()
  const { recoveries, frame } = words
  const { sensitively, cover } = useSensitive()
  const [isStopped, setStopped] = useState(false)
  const { value, trouble, busy, reload } = loaded
  const back = { label: frame.home, onBack: () => goTo('') }
  if (isStopped) {
    return (
      <Screen title={recoveries.stoppedTitle} lead={recoveries.stoppedLead} back={back}>
        <Notice kind="warning">
          <p>{recoveries.call}</p>
        </Notice>
      </Screen>
    )
  }
  return (
    <Covered cover={cover}>
      <Screen title={recoveries.title} back={back}>
        {trouble && <TroubleBox trouble={trouble} onAgain={reload} />}
        {value === null && busy && <Waiting>{frame.wait}</Waiting>}
        {value?.length === 0 && <p>{recoveries.none}</p>}
        {value?.map(({ identity, fingerprint, vouched }) => (
          <section key={identity}>
            <Notice kind="danger" title={recoveries.notYou}>
              <p>{recoveries.what}</p>
            </Notice>
            <ul>
              {vouched.length === 0 && <li>{recoveries.nobody}</li>}
              {vouched.map(({ name, on }) => (
                <li key={name}>{recoveries.vouched(name, dayOf(on, language))}</li>
              ))}
            </ul>
            <Form
              look="danger"
              send={recoveries.stop}
              busy={recoveries.stopBusy}
              onSend={async () => {
                await sensitively(() => link.call('stopRecovery', { identity }))
                loaded.renew(value.filter(each => each.identity !== identity))
                setStopped(true)
              }}
            >
              {null}
            </Form>
            <h2>{recoveries.isYou}</h2>
            <p>{recoveries.isYouText}</p>
            <p class="code">{fingerprint}</p>
          </section>
        ))}
      </Screen>
    </Covered>
  )
}
