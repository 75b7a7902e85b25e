//! Ways to sign in to Microsoft Entra, one file each.
