import{createServer as C}from"node:http";var p=[{id:"kettle",name:"Kettle",priceCents:3900},{id:"teapot",name:"Teapot for two",priceCents:2450},{id:"cup",name:"Cup, hand-made",priceCents:1200}];function s(){return p}function d(e){return p.find(t=>t.id===e)}var g=new Map([["WELCOME10",{code:"WELCOME10",percent:10}],["SUMMER25",{code:"SUMMER25",percent:25}]]);function u(e,t){setTimeout(()=>t(g.get(e)),5)}function a(e,t){let n=e.items.reduce((o,i)=>o+(d(i)?.priceCents??0),0);return e.coupon===void 0?n:h(e,n,t)}function h(e,t,n){let o=O(e,n);return Math.round(t*(100-o)/100)}function O(e,t){try{return t.percent}catch(n){throw new Error(`cannot price the order of ${e.email} with coupon ${e.coupon}`,{cause:n})}}function m(e){let t;try{t=Object(JSON.parse(e))}catch{return"The body must be JSON."}let{email:n,items:o,coupon:i}=t;return typeof n!="string"?"email is missing.":!Array.isArray(o)||o.length===0?"items must name products.":o.some(y=>d(y)===void 0)?"There is no such product.":{email:n,items:o,coupon:typeof i=="string"?i:void 0}}function l(e,t){e.coupon===void 0?n(void 0):u(e.coupon,n);function n(o){t({email:e.email,totalCents:a(e,o)})}}function f(e){return`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The tea shop</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>The tea shop</h1>
<ul>${e.map(n=>`<li>${n.name}: ${(n.priceCents/100).toFixed(2)} \u20AC</li>`).join("")}</ul>
<p>Order with <code>POST /cart</code>: <code>{"email": "\u2026", "items": ["kettle"], "coupon": "WELCOME10"}</code>.</p>
</html>
`}var b=64*1024,c=C(P);c.listen(Number(process.env.PORT??3e3),"127.0.0.1",()=>{let{port:e}=c.address();process.stdout.write(`shop listening on http://127.0.0.1:${e}
`)});for(let e of["SIGTERM","SIGINT"])process.once(e,()=>{c.close(),c.closeIdleConnections()});function P(e,t){switch(`${e.method} ${e.url}`){case"GET /":t.setHeader("content-type","text/html; charset=utf-8"),t.end(f(s()));break;case"GET /products":r(t,200,s());break;case"GET /health":r(t,200,{ok:!0,pid:process.pid});break;case"POST /cart":S(e,n=>v(n,t));break;default:r(t,404,{error:"Not found."})}}function v(e,t){let n=m(e);if(typeof n=="string"){r(t,400,{error:n});return}l(n,o=>r(t,200,o))}function S(e,t){let n="";e.setEncoding("utf8"),e.on("data",o=>{n+=o,n.length>b&&e.destroy()}),e.on("end",()=>t(n))}function r(e,t,n){e.writeHead(t,{"content-type":"application/json"}),e.end(`${JSON.stringify(n)}
`)}
//# sourceMappingURL=server.js.map
