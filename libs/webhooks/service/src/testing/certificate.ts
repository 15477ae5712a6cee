/** A certificate of localhost that it has signed itself, for tests; valid for a hundred years. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUZo50DtBJ2n2QYxUxxiWUNysSoCIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE5MDEyOVoYDzIxMjYxMDMx
MTkwMTI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS0qIEqHRq7jgmmbos79Wx/TYwA2fB+jtvH4r7TbcxDb7Bnqbj1hA47
yOWLHr8OAhFtnG/ovqYE2Ut/y3xepAtZo2kwZzAdBgNVHQ4EFgQUJ6M+uYGfwdOK
i7cqxcV6fsXZWAwwHwYDVR0jBBgwFoAUJ6M+uYGfwdOKi7cqxcV6fsXZWAwwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAPK1yxkCLCmbEcs2wi0rFVdryuSOVnk1Hf677Ib0EMpsAiAoKxLc3Gpo
NF73WD2EiFOxWl1KNlPMLOAMlVTz07v0pw==
-----END CERTIFICATE-----
`;

/** Guards nothing. */
export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4JwSQR3NHTVmOhJy
fj7B/3wYVQ9axD1t8Ui37SB/zzOhRANCAAS0qIEqHRq7jgmmbos79Wx/TYwA2fB+
jtvH4r7TbcxDb7Bnqbj1hA47yOWLHr8OAhFtnG/ovqYE2Ut/y3xepAtZ
-----END PRIVATE KEY-----
`;
