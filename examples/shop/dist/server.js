import{createServer as b}from"node:http";var c=[{id:"kettle",name:"Kettle",priceCents:3900},{id:"teapot",name:"Teapot for two",priceCents:2450},{id:"cup",name:"Cup, hand-made",priceCents:1200}];function u(){return c}function s(e){return c.find(t=>t.id===e)}var h=new Map([["WELCOME10",{code:"WELCOME10",percent:10}],["SUMMER25",{code:"SUMMER25",percent:25}]]);function a(e,t){setTimeout(()=>t(h.get(e)),5)}function p(e,t){let o=e.items.reduce((n,i)=>n+(s(i)?.priceCents??0),0);return e.coupon===void 0?o:g(e,o,t)}function g(e,t,o){let n=O(e,o);return Math.round(t*(100-n)/100)}function O(e,t){try{return t.percent}catch(o){throw new Error(`cannot price the order of ${e.email} with coupon ${e.coupon}`,{cause:o})}}function m(e){let t;try{t=Object(JSON.parse(e))}catch{return"The body must be JSON."}let{email:o,items:n,coupon:i}=t;return typeof o!="string"?"email is missing.":!Array.isArray(n)||n.length===0?"items must name products.":n.some(y=>s(y)===void 0)?"There is no such product.":{email:o,items:n,coupon:typeof i=="string"?i:void 0}}function l(e,t){e.coupon===void 0?o(void 0):a(e.coupon,o);function o(n){t({email:e.email,totalCents:p(e,n)})}}function f(e){return`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The tea shop</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>The tea shop</h1>
<ul>${e.map(o=>`<li>${o.name}: ${(o.priceCents/100).toFixed(2)} \u20AC</li>`).join("")}</ul>
<form>
<p><label>Your email address <input name="email" value="you@example.org"></label></p>
<p><label>Coupon <input name="coupon" value="WELCOM10"></label> (WELCOME10 exists)</p>
<p><button>Order a kettle</button> <output></output></p>
</form>
<script type="module">${C}</script>
</html>
`}var C=`
const form = document.querySelector('form');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { email, coupon } = Object.fromEntries(new FormData(form));
  const body = JSON.stringify({ email, items: ['kettle'], coupon: coupon || undefined });
  const output = document.querySelector('output');
  try {
    const answer = await (await fetch('/cart', { method: 'POST', body })).json();
    output.value = answer.error ?? (answer.totalCents / 100).toFixed(2) + ' \u20AC, thank you.';
  } catch {
    output.value = 'The shop does not answer.';
  }
});
`;var v=64*1024,d=b(P);d.listen(Number(process.env.PORT??3e3),"127.0.0.1",()=>{let{port:e}=d.address();process.stdout.write(`shop listening on http://127.0.0.1:${e}
`)});for(let e of["SIGTERM","SIGINT"])process.once(e,()=>{d.close(),d.closeIdleConnections()});function P(e,t){switch(`${e.method} ${e.url}`){case"GET /":t.setHeader("content-type","text/html; charset=utf-8"),t.end(f(u()));break;case"GET /products":r(t,200,u());break;case"GET /health":r(t,200,{ok:!0,pid:process.pid});break;case"POST /cart":w(e,o=>S(o,t));break;default:r(t,404,{error:"Not found."})}}function S(e,t){let o=m(e);if(typeof o=="string"){r(t,400,{error:o});return}l(o,n=>r(t,200,n))}function w(e,t){let o="";e.setEncoding("utf8"),e.on("data",n=>{o+=n,o.length>v&&e.destroy()}),e.on("end",()=>t(o))}function r(e,t,o){e.writeHead(t,{"content-type":"application/json"}),e.end(`${JSON.stringify(o)}
`)}
//# sourceMappingURL=server.js.map
