"""The text that travels in every evidence file, for whoever finds it without knowing meetcoord.

It belongs to the format: a changed text is a new format, and the old one must then still be readable.
"""

LISEZMOI = """\
FICHIER DE PREUVE MEETCOORD, version 2 (English below)

Ce fichier accompagne le compte rendu scellé d'une réunion. Il permet de vérifier,
sans le serveur et sans réseau, que ce compte rendu est bien celui qui a été inscrit
au journal commun des organismes.

Vérifier :
    meetcoord evidence verify evidence.zip --log-key cle-du-journal.vkey
Vérifier aussi le texte, avec la clé privée d'un destinataire :
    meetcoord evidence verify evidence.zip --log-key cle-du-journal.vkey --identity identite.txt
La clé du journal doit venir de votre organisme. Celle qui se trouve dans ce fichier
(log.vkey) ne prouve rien à elle seule : comparez son empreinte. De même pour la première
liste de clés (policies/0000) : --genesis EMPREINTE. De même pour la règle des témoins
(policy.tlog) : --witness-policy FICHIER, celui que votre organisme conserve.

Ce qui est établi : ces octets, chiffrés pour ces clés, figuraient dans ce journal quand
il comptait le nombre d'entrées signé ; le journal y a inscrit les approbations jointes,
signées par les clés que l'organisme avait nommées, s'il en avait nommé ; depuis la
première liste de clés, aucune n'a changé sans l'accord de chaque organisme. Si des témoins
ont cosigné, l'entrée existait à l'heure qu'ils donnent, et le journal n'a pas deux histoires.
Ce qui n'est pas établi : l'identité de la personne qui a écrit ou approuvé, l'heure
légale (les heures sont celles du service), et l'absence d'autres entrées.

Contenu :
    log.vkey              clé publique du journal
    policy.tlog           les témoins et le quorum, s'il y en a
    entry.leaf            l'entrée (JSON canonique)
    entry.tlog-proof      sa place dans le journal et l'état signé du journal
    entry.age             le compte rendu scellé (format age, clés post-quantiques)
    policies/*            les listes de clés qui ont été en vigueur, et les accords
    approvals/*           les approbations, et leur place
    rewraps/*             les en-têtes refaits depuis, s'il y en a
Formats publics : age-encryption.org/v1, C2SP signed-note, tlog-checkpoint, tlog-proof ;
arbre de la RFC 9162. Le moindre octet changé dans ce fichier est détecté.

------------------------------------------------------------------------------------

MEETCOORD EVIDENCE FILE, version 2

This file goes with the sealed minutes of a meeting. It allows anyone to verify, without
the server and without a network, that these minutes are those written in the log that
the agencies share.

To verify:
    meetcoord evidence verify evidence.zip --log-key log-key.vkey
To verify the text as well, with the private key of a recipient:
    meetcoord evidence verify evidence.zip --log-key log-key.vkey --identity identity.txt
The log key has to come from your agency. The one in this file (log.vkey) proves nothing
by itself: compare its fingerprint. So with the first list of keys (policies/0000):
--genesis FINGERPRINT. So with the rule on witnesses (policy.tlog): --witness-policy FILE,
the one your agency keeps.

What is shown: these bytes, encrypted to these keys, were in this log when it had the
signed number of entries; the log recorded the approvals enclosed, signed by the keys
that the agency had named, if it had named any; since the first list of keys, none has
changed without the consent of every agency. If witnesses have cosigned, the entry existed
at the time they give, and the log has no second history.
What is not shown: who the persons were that wrote or approved, legal time (times are
the service's own), and that there are no other entries.

Contents:
    log.vkey              public key of the log
    policy.tlog           the witnesses and the quorum, if there are any
    entry.leaf            the entry (canonical JSON)
    entry.tlog-proof      its place in the log, and the signed state of the log
    entry.age             the sealed minutes (age format, post-quantum keys)
    policies/*            the lists of keys that were in force, and the consents
    approvals/*           the approvals, and their places
    rewraps/*             headers made anew since, if there are any
Public formats: age-encryption.org/v1, C2SP signed-note, tlog-checkpoint, tlog-proof;
tree of RFC 9162. A change of any single byte of this file is detected.
"""
