/**
 * What the host writes to telephones: French, then English, in one SMS (160 characters of the GSM alphabet, which has no
 * circumflex). As in mail, not a word says what kind of service this is or what happened, and there is no link.
 */
import type { NoticeKind } from './mail-texts.ts'

export function passwordSms(password: string): string {
  return `Code à usage unique : ${password}. Valable 5 minutes, ne le donnez à personne. / One-time code, valid 5 minutes: give it to nobody.`
}

/** A notice. What happened, when and by whom is shown after signing in, with its proof. */
export function noticeSms(kind: NoticeKind): string {
  return {
    access:
      'Il y a eu une activité dans votre espace : connectez-vous pour la voir. / There was activity in your space: sign in to see it.',
    change:
      'Un réglage important de votre espace a changé : connectez-vous pour le voir. / A setting of your space was changed: sign in to see it.',
  }[kind]
}
