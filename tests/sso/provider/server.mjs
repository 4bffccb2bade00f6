// A certified OpenID Connect provider for the tests: anybody may sign in with any name, PKCE is required.
// Usage: node server.mjs <port> <address of the gateway>
import Provider from "oidc-provider";

const [port, gateway] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "gongzhi",
      client_secret: "a-secret-of-the-test",
      redirect_uris: [`${gateway}/sso/city/return`],
      post_logout_redirect_uris: [`${gateway}/signin`],
      backchannel_logout_uri: `${gateway}/api/sso/city/logout`,
      backchannel_logout_session_required: true,
    },
  ],
  claims: { profile: ["name"] },
  cookies: { keys: ["only-for-tests"] },
  pkce: { required: () => true },
  features: { backchannelLogout: { enabled: true } },
  // The provider's own would not speak to this machine, where the gateway of the tests runs.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, name: "王秀兰" }) }),
});

provider.on("backchannel.error", (_context, error) => console.error("back-channel logout:", error));

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
