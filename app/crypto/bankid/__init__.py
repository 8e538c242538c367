"""BankID signatures, examined without asking anybody: document, digests, signature, chain, revocation, time.

The form is that of the Swedish BankID relying party guidelines: the `completionData` of a collect answer,
with an XML signature (XML-DSig, RFC 3275) and an OCSP answer (RFC 6960). What is found out is told as facts;
what they are worth is decided in the domain.
"""
