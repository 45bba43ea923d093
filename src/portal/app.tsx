import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Context } from './context.ts'
import { Link } from './link.ts'
import { Frame } from './parts/frame.tsx'
import { Idle } from './parts/idle.tsx'
import { keep, readLanguage, readStanding, readTextSize } from './preferences.ts'
import { Activating } from './screens/activating.tsx'
import { Ended } from './screens/ended.tsx'
import { Help, LostCode } from './screens/help.tsx'
import { Inside } from './screens/inside.tsx'
import { NewDevice } from './screens/new-device.tsx'
import { Opening } from './screens/opening.tsx'
import { Reopening } from './screens/reopening.tsx'
import { type SignedInside, SignIn } from './screens/sign-in.tsx'
import { WaitingIdentity } from './screens/waiting-identity.tsx'
import { Welcome } from './screens/welcome.tsx'
import { endsSession, troubleOf } from './trouble.ts'
import { WORDS } from './words/words.ts'
import type { Standing } from './worker/acts.ts'

/** Where the person is; inside a record, the address's `#…` says more. */
export type Place =
  | {
      readonly at:
        | 'welcome'
        | 'opening'
        | 'activating'
        | 'sign-in'
        | 'help'
        | 'lost'
        | 'lost-code'
        | 'new-device'
        | 'reopening'
        | 'waiting'
    }
  | ({ readonly at: 'inside' } & SignedInside)
  | { readonly at: 'ended'; readonly why: 'idle' | 'out' }

/** Where somebody begins whose browser has come so far. */
function firstPlace(standing: Standing): 'welcome' | 'sign-in' | 'waiting' {
  if (standing === 'activated') return 'sign-in'
  return standing === 'waiting' ? 'waiting' : 'welcome'
}

export function App() {
  const [language, setLanguage] = useState(readLanguage)
  const [textSize, setTextSize] = useState(readTextSize)
  const [standing, setStanding] = useState<Standing>(readStanding)
  const [place, setPlace] = useState<Place>(() => ({ at: firstPlace(readStanding()) }))
  const link = useMemo(() => new Link(), [])
  const where = useRef(place)
  where.current = place
  const words = WORDS[language]

  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dataset.text = textSize
  }, [language, textSize])

  const leave = async (why: 'idle' | 'out') => {
    // The host is told where it can be; the keys go with the worker whatever it says.
    if (where.current.at === 'inside') await link.call('signOut', null).catch(() => undefined)
    link.reset()
    history.replaceState(null, '', location.pathname)
    setPlace({ at: 'ended', why })
  }

  const learnStanding = async () => {
    const { standing: now } = await link.call('standing', null)
    keep('standing', now)
    setStanding(now)
    return now
  }

  useEffect(() => {
    history.replaceState(null, '', location.pathname) // a place inside a record that is closed leads nowhere
    // What the browser remembers is shown at once; the worker, when it has come, knows better.
    learnStanding().then(
      now => {
        if (['welcome', 'sign-in', 'waiting'].includes(where.current.at)) setPlace({ at: firstPlace(now) })
      },
      () => undefined, // it shows with the first thing that is asked of it
    )
  }, [])

  const enter = (inside: SignedInside) => setPlace({ at: 'inside', ...inside })

  const context = useMemo(
    () => ({
      words,
      language,
      link,
      tell(error: unknown) {
        if (where.current.at === 'inside' && endsSession(error)) {
          void leave('idle')
          return null
        }
        return troubleOf(error, words)
      },
    }),
    [words, language],
  )

  return (
    <Context.Provider value={context}>
      <Frame
        language={language}
        textSize={textSize}
        onLanguage={value => {
          keep('language', value)
          setLanguage(value)
        }}
        onTextSize={value => {
          keep('text-size', value)
          setTextSize(value)
        }}
        {...(place.at === 'inside'
          ? {
              onLeave: () => void leave('out'),
            }
          : {})}
      >
        {place.at === 'welcome' && <Welcome standing={standing} go={at => setPlace({ at })} />}
        {place.at === 'opening' && (
          <Opening
            isResumed={standing === 'opening'}
            onBack={() => setPlace({ at: 'welcome' })}
            onOpened={() => void learnStanding().catch(() => undefined)}
          />
        )}
        {place.at === 'activating' && (
          <Activating
            asksIns={standing === 'none'}
            isLostCode={false}
            onBack={() => setPlace({ at: 'welcome' })}
            onActivated={() => {
              void learnStanding().catch(() => undefined)
              setPlace({ at: 'sign-in' })
            }}
          />
        )}
        {place.at === 'sign-in' && <SignIn onSignedIn={enter} onHelp={() => setPlace({ at: 'help' })} />}
        {place.at === 'help' && (
          <Help
            onBack={() => setPlace({ at: 'sign-in' })}
            onLostCode={() => setPlace({ at: 'lost' })}
            onNewDevice={() => setPlace({ at: 'new-device' })}
            onLostAll={() => setPlace({ at: 'reopening' })}
          />
        )}
        {place.at === 'lost' && (
          <LostCode onBack={() => setPlace({ at: 'help' })} onNext={() => setPlace({ at: 'lost-code' })} />
        )}
        {place.at === 'lost-code' && (
          <Activating
            asksIns={false}
            isLostCode
            onBack={() => setPlace({ at: 'lost' })}
            onActivated={() => setPlace({ at: 'sign-in' })}
          />
        )}
        {place.at === 'new-device' && (
          <NewDevice
            asksIns={standing === 'none'}
            onBack={() => setPlace({ at: standing === 'activated' ? 'help' : 'welcome' })}
            onLostAll={() => setPlace({ at: 'reopening' })}
            onSignedIn={inside => {
              void learnStanding().catch(() => undefined)
              enter(inside)
            }}
          />
        )}
        {place.at === 'reopening' && (
          <Reopening
            onBack={() => setPlace({ at: standing === 'activated' ? 'help' : 'new-device' })}
            onProposed={() => {
              void learnStanding().catch(() => undefined)
              setPlace({ at: 'waiting' })
            }}
          />
        )}
        {place.at === 'waiting' && (
          <WaitingIdentity
            onRecovered={() => void learnStanding().catch(() => undefined)}
            onActivate={() => setPlace({ at: 'activating' })}
            onSignIn={() => setPlace({ at: 'sign-in' })}
          />
        )}
        {place.at === 'inside' && (
          <Inside
            warnings={place.warnings}
            onHandedOver={() => {
              history.replaceState(null, '', location.pathname) // what it enters next is the home screen
              void learnStanding().catch(() => undefined)
              setPlace({ at: 'new-device' })
            }}
          />
        )}
        {place.at === 'ended' && <Ended why={place.why} onAgain={() => setPlace({ at: 'sign-in' })} />}
      </Frame>
      {place.at === 'inside' && <Idle link={link} idleSeconds={place.idleSeconds} onOver={() => void leave('idle')} />}
    </Context.Provider>
  )
}
