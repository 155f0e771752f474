/** `all: initial` on the root: a host page's inherited styles stop here. */
export const style = `
:host{all:initial;display:block}
.r{all:initial;position:fixed;right:20px;bottom:20px;z-index:2147483000;font:15px/1.45 system-ui,sans-serif;color:#1b232e;color-scheme:light dark}
*{box-sizing:border-box}
button{font:inherit;cursor:pointer;border:0;border-radius:10px}
button:focus-visible,textarea:focus-visible,input:focus-visible{outline:3px solid #ffb000}
.l{display:flex;gap:8px;align-items:center;padding:12px 16px;border-radius:999px;background:#077083;color:#fff;font-weight:600;box-shadow:0 8px 40px #0004}
.w{display:flex;flex-direction:column;width:370px;max-width:calc(100vw - 24px);height:560px;max-height:calc(100dvh - 40px);background:#fff;border-radius:16px;overflow:hidden;box-shadow:0 8px 40px #0004}
.h{display:flex;justify-content:space-between;align-items:center;gap:8px;padding:12px 16px;background:#077083;color:#fff}
small{display:block;font-size:13px}
.h button{background:none;color:#fff;padding:4px 10px;font-size:18px}
.m{flex:1;overflow-y:auto;padding:14px;display:flex;flex-direction:column;gap:8px;margin:0;list-style:none}
.b{max-width:82%;padding:8px 12px;border-radius:14px;background:#eef1f5;white-space:pre-wrap;overflow-wrap:anywhere;align-self:flex-start}
.b i{display:block;font-style:normal;font-size:13px;font-weight:600;color:#4a5260}
.customer{align-self:flex-end;background:#d5eff3}
.ai{background:#e5e8ff}
.u small{color:#4a5260}.u:has(small){outline:2px solid #b3261e}.u button{margin:4px 6px 0 0;font-size:13px}
.system{align-self:center;background:none;color:#4a5260;font-size:13px;text-align:center;padding:2px 8px}
.f,.e{display:flex;gap:8px;padding:8px 14px;border-top:1px solid #d9dee6}
textarea,input{flex:1;min-width:0;font:inherit;color:inherit;background:none;border:1px solid #8a94a3;border-radius:10px;padding:8px 10px;resize:none}
.s{background:#077083;color:#fff;padding:8px 14px;font-weight:600}
.s:disabled{background:#5f6b7a}
.p{padding:8px 14px;font-size:13px;background:#7a1f1f;color:#fff;display:flex;justify-content:space-between;flex-wrap:wrap;gap:8px;align-items:center}
.p button,.u button{background:#fff;color:#7a1f1f;padding:2px 10px}
.e{display:grid}
.k{display:flex;gap:8px}.k button{flex:1;padding:8px 0;background:#eef1f5;color:#1b232e;font-size:18px}.k button[aria-pressed=true]{background:#077083;color:#fff}
.q{background:none;color:#005f71;text-decoration:underline;padding:4px;font-size:13px}
@media (max-width:480px){.r:has(.w){inset:0}.w{width:100vw;max-width:none;height:100dvh;max-height:none;border-radius:0}}
@media (prefers-color-scheme:dark){.r{color:#e9edf2}.w{background:#1b2026}.b{background:#2c333c}.b i,.system,.u small{color:#b4bcc8}.customer{background:#0d4752}.ai{background:#2b3163}.f,.e{border-color:#39424d}.k button{background:#2c333c;color:#e9edf2}.q{color:#8fd0db}}
`;
