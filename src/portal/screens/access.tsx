import type { ResultOf } from '../calls.ts'
import { useApp } from '../context.ts'
import { dayOf } from '../dates.ts'
import { Form } from '../parts/form.tsx'
import { Notice, TroubleBox, Waiting } from '../parts/notice.tsx'
import { Screen } from '../parts/screen.tsx'
import type { useLoaded } from '../parts/use-busy.ts'
import { goTo } from '../places.ts'

export type LoadedAccess = ReturnType<typeof useLoaded<ResultOf<'access'>>>

/** Requests first, then who has access, then who is blocked. */
export function Access({ loaded, news }: { readonly loaded: LoadedAccess; readonly news: string }) {
  const { words, language, link } = useApp()
  const { access, frame } = words
  const { value, trouble, busy, reload } = loaded
  return (
    <Screen title={access.title} back={{ label: frame.home, onBack: () => goTo('') }}>
      {news !== '' && (
        <Notice kind="good">
          <p role="status">{news}</p>
        </Notice>
      )}
      {trouble && <TroubleBox trouble={trouble} onAgain={reload} />}
      {value === null && busy && <Waiting>{access.loading}</Waiting>}
      {value !== null && value.requests.length > 0 && (
        <section>
          <h2>{access.requests}</h2>
          <ul class="lines">
            {value.requests.map(({ request, name, profession, askedAt }) => (
              <li key={request}>
                <div class="line">
                  <strong>{name}</strong>
                  {profession === null ? '' : `, ${profession}`} {access.asks}.
                  <span class="line-text">
                    {access.askedOn} {dayOf(askedAt, language)}
                  </span>
                  <button type="button" class="primary" onClick={() => goTo(`answer/${request}`)}>
                    {access.answer}
                    <span class="visually-hidden"> {name}</span>
                  </button>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {value !== null && (
        <section>
          <h2>{access.grants}</h2>
          {value.grants.length === 0 && <p>{access.none}</p>}
          <ul class="lines">
            {value.grants.map(({ nationalId, name, profession, until, isOver }) => (
              <li key={nationalId}>
                <a class="line" href={`#grant/${nationalId}`}>
                  <span class="line-title">{name}</span>
                  <span class="line-text">
                    {profession ?? words.rights.establishment} · {access.until} {dayOf(until, language)}
                  </span>
                  {isOver && <span class="badge">{access.isOver}</span>}
                </a>
              </li>
            ))}
          </ul>
          <button type="button" onClick={() => goTo('give')}>
            {access.give}
          </button>
        </section>
      )}
      {value !== null && value.blocked.length > 0 && (
        <section>
          <h2>{access.blocked}</h2>
          {value.blocked.map(({ nationalId, name }) => (
            <div class="line" key={nationalId}>
              <strong>{name}</strong>
              <Form
                look="other"
                send={access.unblock}
                busy={access.unblockBusy}
                onSend={async () => {
                  await link.call('unblock', { nationalId })
                  reload()
                }}
              >
                {null}
              </Form>
            </div>
          ))}
        </section>
      )}
    </Screen>
  )
}
