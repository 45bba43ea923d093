/** The findings in French (src/log/audit/finding.ts has them in English, and is what the handbook prints). */
import type { AnomalyKind } from '../../../log/audit/anomalies.ts'
import type { FindingCode, FindingGroup } from '../../../log/audit/finding.ts'

interface Said {
  readonly means: string
  readonly todo: string
}

const COPIE = 'Conserver cette copie en l’état ; la comparer à une sauvegarde et à ce que les témoins ont cosigné.'
const DEMANDER = 'Demander à la personne nommée son propre reçu ou sa trace, et comparer avec les éléments de preuve.'
const EXPLIQUER = 'Faire expliquer cet acte par l’hébergeur ; les éléments de preuve suffisent à publier.'
const PATIENT = 'Avertir le patient : quelqu’un a eu ce que le patient n’avait pas donné.'
const HORLOGE =
  'Demander à l’hébergeur le journal de son horloge ; juger à la main les échéances des certificats et des autorisations voisines.'
const RESTAURER = 'Le restaurer d’une sauvegarde ; son nom est sa racine.'

const dit = (means: string, todo: string): Said => ({ means, todo })

export const GROUPS_FRENCH: Readonly<Record<FindingGroup, string>> = {
  integrity: 'écritures, chaînes et déclarations signées',
  tree: 'arbre, points de contrôle, tuiles, reçus',
  authority: 'le droit derrière un acte',
  signatures: 'requêtes, clés et certificats',
  bodies: 'documents tels que conservés',
  store: 'la base elle-même',
}

export const ANOMALIES_FRENCH: Readonly<Record<AnomalyKind, string>> = {
  'wide-reader': 'Une carte a agi dans un très grand nombre de dossiers en un jour.',
  'night-peak': 'Bien plus d’actes que d’habitude pendant une heure de la nuit.',
  'dormant-card': 'Une carte longtemps silencieuse a agi de nouveau.',
  'refusal-burst': 'Un même acteur a été refusé de nombreuses fois en peu de temps.',
}

export const FINDINGS_FRENCH: Readonly<Record<FindingCode, Said>> = {
  'entry-form': dit('Une écriture est illisible : ce ne sont pas les deux lignes de la forme convenue.', COPIE),
  'entry-altered': dit('Les lignes d’une écriture ne sont pas celles que la base désigne par son empreinte.', COPIE),
  'entry-removed': dit('Des écritures manquent entre deux autres.', COPIE),
  'entry-duplicated': dit('La même écriture figure deux fois.', COPIE),
  'entry-object': dit('Une écriture dit autre chose que les déclarations qu’elle nomme.', EXPLIQUER),
  'chain-forked': dit(
    'Une chaîne a deux écritures de même numéro : deux histoires d’un même dossier.',
    'Demander au patient laquelle des deux lui a été montrée ; conserver les deux.',
  ),
  'chain-gap': dit('Un numéro manque dans une chaîne : une écriture a été retirée ou déplacée.', COPIE),
  'chain-broken': dit('Une écriture ne suit pas celle qui la précède dans sa chaîne.', COPIE),
  'clock-set-back': dit('Une écriture est datée bien avant des écritures plus anciennes qu’elle.', HORLOGE),
  'clock-ahead': dit('Une écriture est datée d’après la cosignature d’un arbre qui la contient.', HORLOGE),
  'tail-cut': dit(
    'Le journal a signé un arbre de plus d’écritures qu’il n’y en a ici : sa fin a été coupée.',
    `Refuser cette base : rien ne doit en être servi. ${COPIE}`,
  ),
  'record-unopened': dit('La chaîne d’un dossier ne commence pas par son ouverture.', EXPLIQUER),
  'state-missing': dit('Un état qu’une écriture a mis en vigueur n’est pas dans la base.', COPIE),
  'state-broken': dit(
    'Un état n’est pas signé par le patient, ou n’est pas ce que son action peut faire du précédent.',
    PATIENT,
  ),
  'state-stale': dit(
    'Un acte a été fait sous un autre état que celui en vigueur : quelqu’un en a vu un ancien.',
    EXPLIQUER,
  ),
  'state-unlogged': dit('La base contient un état qu’aucune écriture n’a mis en vigueur.', PATIENT),
  'statement-missing': dit('Une déclaration que nomme une écriture ou un état n’est pas dans la base.', COPIE),
  'statement-altered': dit('Le texte d’une déclaration n’est pas celui que nomme son empreinte.', COPIE),
  'statement-broken': dit(
    'Une autorisation, un placement ou un dépôt n’est pas signé par qui doit le signer.',
    PATIENT,
  ),
  'statement-unlogged': dit(
    'La base contient une déclaration (une clé, une autorisation, un document …) que le journal ignore.',
    'La tenir pour introduite en fraude : aucun logiciel ne doit s’y fier. Faire expliquer par l’hébergeur.',
  ),
  'tree-root': dit('Un point de contrôle signé n’est pas la racine des écritures.', COPIE),
  'tree-forked': dit(
    'Un point de contrôle montré ailleurs n’est pas de cet arbre : deux parties ont vu deux journaux.',
    'Publier les deux points de contrôle signés : ensemble, ils le prouvent.',
  ),
  'checkpoint-signature': dit('Un point de contrôle n’est pas signé par le journal comme l’exige la politique.', COPIE),
  'checkpoint-missing': dit(
    'Aucun point de contrôle n’est publié.',
    'Le demander à l’hébergeur, ou sa dernière sauvegarde.',
  ),
  'checkpoint-stale': dit(
    'Le point de contrôle publié est bien plus ancien que le dernier : on montre le passé.',
    'Faire publier le dernier point de contrôle et expliquer ce qui l’a retenu.',
  ),
  'checkpoint-quorum': dit(
    'Trop peu de témoins ont cosigné le point de contrôle publié : la fin du journal repose sur la parole de l’hébergeur.',
    'Demander aux témoins le dernier arbre qu’ils ont cosigné et recommencer l’audit avec --checkpoint.',
  ),
  'tile-missing': dit(
    'Une tuile de l’arbre publié manque.',
    'Faire refaire ses tuiles à l’hébergeur, à partir des écritures.',
  ),
  'tile-altered': dit('Une tuile ou une liasse n’est pas ce que donnent les écritures.', COPIE),
  'not-integrated': dit(
    'Une écriture est plus ancienne qu’un point de contrôle qui devrait la contenir, et n’est pas dans l’arbre.',
    'Faire expliquer par l’hébergeur pourquoi son journal s’est arrêté.',
  ),
  'erased-unlawfully': dit(
    'Un évènement a été effacé sans ordre, sans écriture qui le dise, ou avant son terme.',
    `Tenir pour caché ce qui a disparu : demander à qui en garde des reçus ou une trace. ${EXPLIQUER}`,
  ),
  'receipt-not-honoured': dit(
    'L’hébergeur a signé un reçu pour une écriture qui n’est pas dans l’arbre.',
    'Publier le reçu et le point de contrôle : ensemble, ils le prouvent.',
  ),
  'no-grant': dit('Un professionnel a été servi sans autorisation du patient qui le couvre.', PATIENT),
  'served-after-mask': dit('Un document a été servi après que le patient l’a mis hors de portée.', PATIENT),
  'served-unknown': dit('Un document a été servi qui n’a jamais été déposé.', EXPLIQUER),
  'list-withheld': dit(
    'Une liste ne contenait pas les documents accessibles, dans leur ordre.',
    'Dire au lecteur quels documents ont été omis.',
  ),
  'refused-wrongly': dit('Un acte a été refusé alors qu’il était permis.', EXPLIQUER),
  'actor-wrong': dit('Un acte a été fait par quelqu’un qui ne peut en aucun cas le faire.', PATIENT),
  'closing-broken': dit(
    'Quelqu’un a été admis dans un dossier que son patient avait fermé, ou un dossier qui ne l’était pas a été détruit.',
    PATIENT,
  ),
  'document-twice': dit('Un document a été déposé par-dessus un autre de même identifiant.', EXPLIQUER),
  'epoch-stale': dit(
    'Un document a été pris sous une époque qui n’était plus en cours : un lecteur révoqué peut en tenir la clé.',
    PATIENT,
  ),
  'request-missing': dit('Il n’y a pas de requête signée derrière un acte.', EXPLIQUER),
  'request-form': dit('La requête derrière un acte n’a pas la forme convenue.', EXPLIQUER),
  'request-signature': dit('La requête derrière un acte n’est pas signée par celui qui a agi.', DEMANDER),
  'request-mismatch': dit('La requête signée demandait autre chose que ce que dit l’écriture.', DEMANDER),
  'request-time': dit('La requête a été signée à un autre moment que ne le dit son écriture.', DEMANDER),
  'nonce-replayed': dit('Une même requête signée se trouve derrière deux écritures.', DEMANDER),
  'seen-broken': dit(
    'Le signataire d’une requête avait vu un journal qui n’est pas celui-ci.',
    'Demander à cette personne le point de contrôle ou le reçu qu’elle conserve : avec celui-ci, il prouve une bifurcation.',
  ),
  'key-unknown': dit('Un acte a été signé par une clé qui n’avait pas été publiée.', DEMANDER),
  'key-refused': dit('Une clé publiée n’est garantie par aucune carte valide.', DEMANDER),
  'key-expired': dit('Une clé ou sa carte a servi en dehors de sa validité.', DEMANDER),
  'key-withdrawn': dit('Une clé a servi après que son titulaire l’a retirée.', DEMANDER),
  'certificate-revoked': dit('Une carte a servi alors qu’une liste qui la révoque était connue.', DEMANDER),
  'registration-broken': dit(
    'Un enregistrement n’est pas de l’assurance maladie, ou a servi quand il ne le pouvait pas.',
    'Interroger l’assurance maladie.',
  ),
  'identity-broken': dit(
    'L’identité d’un dossier ne vient pas de l’enregistrement de l’assurance maladie : quelqu’un tient peut-être la place du patient.',
    'Bloquer le dossier ; demander à l’assurance maladie à qui la lettre est allée.',
  ),
  'recovery-broken': dit(
    'Une nouvelle identité est entrée sans la parole de l’ancienne, ou par une reprise qui ne tient pas, venue trop tôt ou arrêtée.',
    'Bloquer le dossier ; demander au patient, en personne, laquelle des identités est la sienne.',
  ),
  'activation-broken': dit('Une activation n’est pas signée par le code et par l’identité.', PATIENT),
  'body-altered': dit('Un contenu conservé n’est pas celui que son auteur a signé.', RESTAURER),
  'body-missing': dit('Le contenu d’un document n’est pas dans la base.', RESTAURER),
  'manifest-altered': dit(
    'Un descriptif conservé n’est pas celui que son auteur a signé.',
    'Le restaurer d’une sauvegarde.',
  ),
  'envelope-altered': dit(
    'Une enveloppe conservée n’est pas celle que l’auteur ou le patient a signée.',
    'La restaurer d’une sauvegarde ; les lecteurs refusent celle-ci.',
  ),
  'document-misplaced': dit(
    'La base a un document dans un autre compartiment que celui où le patient l’a mis, ou un document que le journal ignore.',
    EXPLIQUER,
  ),
  'store-unreadable': dit(
    'La base n’a pu être lue jusqu’au bout : ce qui suit n’a pas été vérifié.',
    'Recopier la base, d’un hébergeur arrêté ou par sa sauvegarde, et auditer la copie.',
  ),
}
